import type { IncomingMessage, ServerResponse } from 'node:http';
import type { DevelopmentSignIn } from './development-sign-in.ts';
import { refuseMethod, sendJson } from './json-response.ts';
import { chooseEncoding, encodings } from './web-encoding.ts';
import type { WebFile, WebFiles } from './web-files.ts';
import { fileHeaders, toPageHeaders } from './web-headers.ts';
import type { SignIn } from './web-sign-in.ts';

export interface WebOptions {
  /** Null: the page is not built, or another server gives it out. */
  readonly files: WebFiles | null;
  readonly signIn: SignIn;
  /** For the kind `development`; null otherwise. */
  readonly developmentSignIn: DevelopmentSignIn | null;
  readonly isGraphiqlOn: boolean;
}

/**
 * The chat and the admin page: their files, and what the page asks before it has a token. No limit counts them, and a node
 * that drains still gives them out: a page that has begun to load comes to its end.
 */
export interface Web {
  readonly hasPage: boolean;
  /** Whether the path leads to the page when it is built. */
  isPagePath(path: string): boolean;
  /** @returns false when there is nothing at the path; then nothing was answered. */
  respond(path: string, request: IncomingMessage, response: ServerResponse): Promise<boolean>;
}

/** The routes of the page itself: it looks at the path and shows what belongs there. */
const pagePaths = /^\/(?:c\/[^/]+\/?|admin\/?)?$/;
/** Their names carry the hash of their content. */
const hashedPaths = /^\/assets\//;

const reading = ['GET', 'HEAD'];

/** A proxy that compresses makes a tag weak; the bytes behind it are the same. */
const holds = (ifNoneMatch: string | undefined, etag: string): boolean =>
  (ifNoneMatch ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === etag || tag === '*');

const sendFile = (
  request: IncomingMessage,
  response: ServerResponse,
  file: WebFile,
  headers: Record<string, string>,
): void => {
  const available = encodings.filter((encoding) => file.compressed[encoding] !== undefined);
  const encoding = chooseEncoding(request.headers['accept-encoding']?.toString(), available);
  const { bytes, etag } = (encoding && file.compressed[encoding]) ?? file.plain;
  const always = { ...headers, etag, ...(available.length > 0 && { vary: 'accept-encoding' }) };
  if (holds(request.headers['if-none-match'], etag)) {
    response.writeHead(304, always).end();
    return;
  }
  response.writeHead(200, {
    ...always,
    'content-type': file.contentType,
    'content-length': bytes.length,
    ...(encoding && { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
};

export const createWeb = ({ files, signIn, developmentSignIn, isGraphiqlOn }: WebOptions): Web => {
  const pageHeaders = { ...toPageHeaders(signIn), 'cache-control': 'no-cache' };
  const hashedHeaders = { ...fileHeaders, 'cache-control': 'public, max-age=31536000, immutable' };
  const otherHeaders = { ...fileHeaders, 'cache-control': 'no-cache' };

  const headersOf = (path: string, file: WebFile): Record<string, string> => {
    if (file === files?.page) return pageHeaders;
    return hashedPaths.test(path) ? hashedHeaders : otherHeaders;
  };

  return {
    hasPage: files !== null,
    isPagePath: (path) => pagePaths.test(path),
    async respond(path, request, response) {
      if (path === '/web/sign-in' && developmentSignIn) {
        await developmentSignIn(request, response);
        return true;
      }
      const isConfig = path === '/web/config.json';
      const file = pagePaths.test(path) ? files?.page : files?.others.get(path);
      if (!isConfig && !file) return false;
      if (!reading.includes(request.method ?? '')) refuseMethod(response, reading);
      else if (file) sendFile(request, response, file, headersOf(path, file));
      else sendJson(response, 200, { signIn, graphiql: isGraphiqlOn });
      return true;
    },
  };
};

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testToken } from './test-app.ts';

/**
 * A product around EdAgent, of another origin: it knows people by a cookie, tells the page their tokens, and holds the page
 * in a frame.
 */
export interface SchoolServer {
  /** Its origin. */
  readonly url: string;
  /** The same server by another name, and so another origin. */
  readonly otherUrl: string;
  /** Knows people by a cookie, of whom everybody gets one at its login. For EDAGENT_WEB_SIGN_IN. */
  readonly signInUrl: string;
  /** The tokens that it told, oldest first. */
  readonly told: readonly ToldToken[];
  /** Holds the page of this address in a frame, beside a frame of the other origin. */
  framePath(chatUrl: string): string;
  dispose(): Promise<void>;
}

export interface ToldToken {
  readonly token: string;
  readonly expiresAt: number;
}

export interface SchoolOptions {
  readonly user: string;
  readonly name: string;
  readonly tokenTtlMs: number;
}

const cookie = 'school=known';

/** `give(token)` answers those who wait for a token, and all who ask later. */
const toFramePage = (chatUrl: string, otherUrl: string): string => `<!doctype html><title>A school</title>
<script>
  const waiting = [];
  let token;
  const answer = () => {
    if (token) for (const { source, origin } of waiting.splice(0)) source.postMessage({ type: 'edagent:token', token }, origin);
  };
  addEventListener('message', ({ origin, source, data }) => {
    if (data?.type !== 'edagent:token-wanted') return;
    waiting.push({ origin, source });
    answer();
  });
  window.countWaiting = () => waiting.length;
  window.give = (next) => {
    token = next;
    answer();
  };
</script>
<iframe src="${chatUrl}" title="Chat" width="800" height="600"></iframe>
<iframe src="${otherUrl}/empty" title="Other"></iframe>`;

export const startSchoolServer = async ({ user, name, tokenTtlMs }: SchoolOptions): Promise<SchoolServer> => {
  const told: ToldToken[] = [];

  const tellToken = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { origin = '' } = request.headers;
    const headers = {
      'access-control-allow-origin': origin,
      'access-control-allow-credentials': 'true',
      'cache-control': 'no-store',
      'content-type': 'application/json',
    };
    if (request.headers.cookie?.includes(cookie)) {
      const token = await testToken(user, { name, ttlMs: tokenTtlMs });
      told.push({ token, expiresAt: Date.now() + tokenTtlMs });
      response.writeHead(200, headers).end(JSON.stringify({ token }));
    } else {
      const location = `http://${request.headers.host}/login?to=${encodeURIComponent(origin)}`;
      response.writeHead(401, headers).end(JSON.stringify({ location }));
    }
  };

  const showPage = (response: ServerResponse, html: string): void => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (pathname === '/token') void tellToken(request, response);
    else if (pathname === '/login')
      response.writeHead(302, { 'set-cookie': cookie, location: searchParams.get('to') ?? '/' }).end();
    else if (pathname === '/frame') showPage(response, toFramePage(searchParams.get('chat') ?? '', otherUrl));
    else showPage(response, '<!doctype html><title>Nothing</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const otherUrl = `http://localhost:${port}`;

  return {
    url,
    otherUrl,
    signInUrl: `${url}/token`,
    told,
    framePath: (chatUrl) => `/frame?chat=${encodeURIComponent(chatUrl)}`,
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import type { Encoding } from './web-encoding.ts';

export interface WebVariant {
  readonly bytes: Buffer;
  /** Of these bytes alone, quoted as the header wants it. */
  readonly etag: string;
}

export interface WebFile {
  readonly contentType: string;
  readonly plain: WebVariant;
  readonly compressed: Readonly<Partial<Record<Encoding, WebVariant>>>;
}

/**
 * The built page, by path. Read at start and kept: a folder that is built anew under a running server would otherwise give
 * an old page new assets, or none. Nothing else of the disk can be reached, whatever a path says.
 */
export interface WebFiles {
  readonly page: WebFile;
  /** All but the page, by path: `/assets/index-1f3a.js`. */
  readonly others: ReadonlyMap<string, WebFile>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

const suffixes: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };
const pagePath = '/index.html';

/** By content: times differ between nodes that have the same build, and are the same for all files of an npm package. */
const toVariant = (bytes: Buffer): WebVariant => ({
  bytes,
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
});

const readAll = async (folder: string): Promise<Map<string, Buffer>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !/(?:^|\/)\./.test(path));
  const read = async (path: string): Promise<[string, Buffer]> => [
    `/${path}`,
    await readFile(join(folder, path)),
  ];
  return new Map(await Promise.all(paths.map(read)));
};

const toFile = (path: string, bytes: Buffer, all: ReadonlyMap<string, Buffer>): WebFile => {
  const [br, gzip] = [all.get(path + suffixes.br), all.get(path + suffixes.gzip)];
  return {
    contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
    plain: toVariant(bytes),
    compressed: { ...(br && { br: toVariant(br) }), ...(gzip && { gzip: toVariant(gzip) }) },
  };
};

const isVariant = (path: string, all: ReadonlyMap<string, Buffer>): boolean =>
  Object.values(suffixes).some((suffix) => path.endsWith(suffix) && all.has(path.slice(0, -suffix.length)));

/** @throws when the folder cannot be read, or holds no index.html. */
export const loadWebFiles = async (folder: string): Promise<WebFiles> => {
  const all = await readAll(folder);
  const files = new Map(
    [...all]
      .filter(([path]) => !isVariant(path, all))
      .map(([path, bytes]): [string, WebFile] => [path, toFile(path, bytes, all)]),
  );
  const page = files.get(pagePath);
  if (page === undefined) throw new Error(`${folder} holds no index.html: build the page again.`);
  files.delete(pagePath);
  return { page, others: files };
};

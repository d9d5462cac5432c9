import { readdir, readFile, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Fonts and pictures are compressed as they are. */
const compressible = ['.css', '.html', '.js', '.json', '.svg', '.txt', '.webmanifest'];
/** Less fits into one packet anyway. */
const minBytes = 1_024;

const encodings = [
  {
    suffix: '.br',
    compress: (bytes) =>
      promisify(brotliCompress)(bytes, {
        params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
  },
  { suffix: '.gz', compress: (bytes) => promisify(gzip)(bytes, { level: 9 }) },
];

const compressFile = async (path) => {
  const bytes = await readFile(path);
  if (bytes.length < minBytes) return;
  const write = async ({ suffix, compress }) => {
    const smaller = await compress(bytes);
    if (smaller.length < bytes.length) await writeFile(path + suffix, smaller);
  };
  await Promise.all(encodings.map(write));
};

/** Puts `x.js.br` and `x.js.gz` beside `x.js`, so that no request ever waits for a compressor. */
export const compressFolder = async (folder) => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && compressible.includes(extname(entry.name)));
  await Promise.all(files.map((entry) => compressFile(join(entry.parentPath, entry.name))));
};

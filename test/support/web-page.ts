import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { createTempFolder } from './stores.ts';

export interface WebPage {
  /** What `webPath` wants. */
  readonly path: string;
  readonly html: string;
  readonly script: string;
  dispose(): Promise<void>;
}

/** A folder that plays the built page: a page, a compressed script, a font, and around them what nobody may see. */
export const createWebPage = async (): Promise<WebPage> => {
  const folder = await createTempFolder();
  const path = join(folder.path, 'web');
  const html = '<!doctype html><title>a page</title>';
  const script = `console.log('${'a script '.repeat(200)}');`;
  await mkdir(join(path, 'assets'), { recursive: true });
  const files: Record<string, string | Buffer> = {
    'index.html': html,
    'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '.hidden': 'sesame',
    '../secret.txt': 'sesame',
    'assets/index-1a2b.js': script,
    'assets/index-1a2b.js.br': brotliCompressSync(script),
    'assets/index-1a2b.js.gz': gzipSync(script),
    'assets/font-3c4d.woff2': 'a font',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(path, name), content);
  return { path, html, script, dispose: folder.dispose };
};

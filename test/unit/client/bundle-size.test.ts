import { gzipSync } from 'node:zlib';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

test('the client is under 2.7 kB, bundled, minified and gzipped without graphql-ws and graphql', async () => {
  const { outputFiles } = await build({
    entryPoints: [`${import.meta.dirname}/../../../client/src/index.ts`],
    bundle: true,
    minify: true,
    format: 'esm',
    external: ['graphql-ws', 'graphql'],
    write: false,
  });
  const [bundle] = outputFiles;
  expect(bundle?.text).toContain('graphql-ws/client');
  expect(gzipSync(bundle?.contents ?? '').length).toBeLessThan(2_700);
});

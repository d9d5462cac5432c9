import { readFile, writeFile } from 'node:fs/promises';
import { printSchemaSorted } from '../src/schema/print.ts';

/** `npm run schema` writes schema.graphql from the code; with --check it only compares. */
const file = new URL('../schema.graphql', import.meta.url);
const text = printSchemaSorted();

if (!process.argv.includes('--check')) {
  await writeFile(file, text);
} else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
  console.error('schema.graphql is not what the code says: run npm run schema.');
  process.exitCode = 1;
}

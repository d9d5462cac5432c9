import { readFileSync, writeFileSync } from 'node:fs';
import { configTableMarkdown } from '../src/config.ts';

/** Puts the table of settings into the README; with `--check` only says whether it stands there. */
const path = new URL('../README.md', import.meta.url);
const before = readFileSync(path, 'utf8');
const after = before.replace(
  /(<!-- config -->\n)[\s\S]*?(<!-- \/config -->)/,
  (_, begin: string, end: string) => `${begin}${configTableMarkdown()}${end}`,
);
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('README.md: the table of settings is not that of src/config.ts; run "npm run schema".');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, after);
}

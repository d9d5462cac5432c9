import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Puts the code of the examples into docs/front-end.md; with `--check` only says whether it stands there. A block follows
 * `<!-- code: <file>: <line it begins with> -->` and goes to the end of that statement.
 */
const at = (file: string) => new URL(`../${file}`, import.meta.url);
const path = at('docs/front-end.md');

const excerpt = (file: string, begin: string): string => {
  const lines = readFileSync(at(file), 'utf8').split('\n');
  const first = lines.findIndex((line) => line.trimStart().startsWith(begin));
  if (first < 0) throw new Error(`docs/front-end.md: ${file} has no line that begins with "${begin}".`);
  const indent = /^ */.exec(lines[first] ?? '')?.[0] ?? '';
  const isEnd = (line: string) =>
    line.startsWith(indent) && /^[})\]`].*$|^\S.*;$/.test(line.slice(indent.length));
  const last = lines.findIndex((line, index) => index >= first && isEnd(line));
  return lines
    .slice(first, last + 1)
    .map((line) => line.slice(indent.length))
    .join('\n');
};

const before = readFileSync(path, 'utf8');
const after = before.replace(
  /(<!-- code: (\S+): (.+) -->\n```ts\n)[\s\S]*?(```\n)/g,
  (_, head: string, file: string, begin: string, end: string) => `${head}${excerpt(file, begin)}\n${end}`,
);
if (process.argv.includes('--check')) {
  if (after !== before) {
    console.error('docs/front-end.md: its code is not that of examples/; run "npm run schema".');
    process.exitCode = 1;
  }
} else {
  writeFileSync(path, after);
}

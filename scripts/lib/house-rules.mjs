import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listFiles } from './build.mjs';
import { root } from './project.mjs';

/** Where the sleeping is done, and where it is quoted. */
const exempt = ['test/support/eventually.ts', 'test/unit/scripts/house-rules.test.ts'];

/** What the linter cannot say. Each pattern is searched in the whole text of a file. */
const rules = [
  {
    // The fault test runs by the clock: its schedule and its learners' pauses are times.
    isConcerned: (path) =>
      path.startsWith('test/') && !path.startsWith('test/chaos/') && !exempt.includes(path),
    patterns: [
      // new Promise((resolve) => setTimeout(resolve, …)), with or without braces around it.
      /new Promise(?:<[^>]*>)?\(\s*\(?\s*(\w+)[^=]*=>\s*\{?\s*(?:return |void )?setTimeout\(\s*(?:\(\)\s*=>\s*)?\1\b/g,
      /import \{[^}]*\bsetTimeout\b[^}]*\} from '(?:node:)?timers\/promises'/g,
      /\b(?:await|return) sleep\(/g,
    ],
    message: 'a bare sleep: wait for a condition with eventually() of test/support',
  },
  {
    isConcerned: (path) => path.startsWith('src/') && path !== 'src/main.ts',
    patterns: [/\bprocess\.(?:exit\(|exitCode\b|on\(|once\()/g],
    message: 'only src/main.ts handles signals and ends the process',
  },
];

/** @returns {string[]} `path:line: message` for each breach. */
export const findBreaches = (path, text) =>
  rules
    .filter(({ isConcerned }) => isConcerned(path))
    .flatMap(({ patterns, message }) =>
      patterns.flatMap((pattern) =>
        [...text.matchAll(pattern)].map(
          ({ index }) => `${path}:${text.slice(0, index).split('\n').length}: ${message}`,
        ),
      ),
    );

/**
 * PROTOCOL.md against the tests: a rule stands there as `- **L4** …`, a test cites it as `[L4]`.
 *
 * @param {string} protocol
 * @param {Record<string, string>} tests the text of each file.
 */
export const findUnprovedRules = (protocol, tests) => {
  const known = new Set([...protocol.matchAll(/^- \*\*([A-Z]\d+)\*\*/gm)].map(([, id]) => id));
  const cited = new Set();
  const problems = [];
  for (const [path, text] of Object.entries(tests)) {
    for (const [, id] of text.matchAll(/\[([A-Z]\d+)\]/g)) {
      cited.add(id);
      if (!known.has(id)) problems.push(`${path}: cites ${id}, which PROTOCOL.md does not have`);
    }
  }
  for (const id of known) if (!cited.has(id)) problems.push(`PROTOCOL.md: no test cites [${id}]`);
  return problems;
};

const read = (path) => readFileSync(join(root, path), 'utf8');

export const checkHouseRules = () => {
  const sources = ['src', 'test'].flatMap((path) => listFiles(path)).filter((path) => path.endsWith('.ts'));
  const tests = sources.filter((path) => path.startsWith('test/') && !path.startsWith('test/unit/scripts/'));
  return [
    ...sources.flatMap((path) => findBreaches(path, read(path))),
    ...findUnprovedRules(read('PROTOCOL.md'), Object.fromEntries(tests.map((path) => [path, read(path)]))),
  ];
};

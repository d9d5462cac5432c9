import { execFile } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Each file with one import, and whether the layers of DESIGN §5 allow it. */
const imports: [file: string, specifier: string, isAllowed: boolean][] = [
  ['src/commands/x.ts', '../app.ts', true],
  ['src/commands/x.ts', '../main.ts', false],
  ['src/app.ts', './config.ts', true],
  ['src/app.ts', './server/x.ts', true],
  ['src/app.ts', './commands/x.ts', false],
  ['src/app.ts', './main.ts', false],
  ['src/server/x.ts', '../schema/x.ts', true],
  ['src/server/x.ts', '../config.ts', false],
  ['src/server/x.ts', '../app.ts', false],
  ['src/schema/x.ts', '../conversations/x.ts', true],
  ['src/schema/x.ts', '../server/x.ts', false],
  ['src/conversations/x.ts', '../answers/x.ts', true],
  ['src/conversations/x.ts', '../connections/x.ts', false],
  ['src/answers/x.ts', '../feed/x.ts', true],
  ['src/answers/x.ts', '../conversations/x.ts', false],
  ['src/connections/x.ts', '../feed/x.ts', true],
  ['src/connections/x.ts', '../answers/x.ts', false],
  ['src/feed/x.ts', '../store/x.ts', true],
  ['src/feed/x.ts', '../answers/x.ts', false],
  ['src/store/x.ts', '../domain/x.ts', true],
  ['src/store/x.ts', './migrations/x.ts', true],
  ['src/store/x.ts', '../pubsub/x.ts', false],
  ['src/store/migrations/x.ts', '../../pubsub/x.ts', false],
  ['src/pubsub/x.ts', '../store/x.ts', false],
  ['src/tutor/x.ts', '../feed/x.ts', false],
  ['src/tutor/x.ts', 'eventsource-parser', true],
  ['src/domain/x.ts', './y.ts', true],
  ['src/domain/x.ts', '../util/x.ts', true],
  ['src/domain/x.ts', '../store/port.ts', false],
  ['src/domain/x.ts', 'uuid', false],
  ['src/domain/x.ts', 'node:crypto', false],
  ['src/util/x.ts', 'uuid', true],
  ['src/util/x.ts', '../domain/x.ts', false],
  ['client/src/x.ts', 'graphql-ws', true],
  ['client/src/x.ts', '../../src/domain/x.ts', false],
];

describe('the linter on the layers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'edagent-layers-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let report = '';

  beforeAll(async () => {
    const { overrides, files } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    const config = { root: true, files, linter: { rules: { preset: 'none' } }, overrides };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
    for (const [file, specifier] of imports) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      appendFileSync(join(folder, file), `import type {} from '${specifier}';\n`);
    }
    const args = ['lint', '--reporter=github', '--max-diagnostics=none', folder];
    report = await new Promise((resolve) => {
      execFile(join(root, 'node_modules/.bin/biome'), args, { cwd: folder }, (_error, stdout) =>
        resolve(stdout),
      );
    });
  });

  test.each(imports)('%s imports %s: allowed is %j', (file, specifier, isAllowed) => {
    const line =
      imports.filter(([other]) => other === file).findIndex(([, other]) => other === specifier) + 1;
    const isRefused = report
      .split('\n')
      .some((entry) => entry.includes(`${file},line=${line},`) && entry.includes('noRestrictedImports'));
    expect(isRefused).toBe(!isAllowed);
  });
});

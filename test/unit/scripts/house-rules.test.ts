import { describe, expect, test } from '@jest/globals';
import { findBreaches, findUnprovedRules } from '../../../scripts/lib/house-rules.mjs';

describe('the rules of the house', () => {
  test.each([
    'await new Promise((resolve) => setTimeout(resolve, 100));',
    'await new Promise<void>((done) => { setTimeout(done, 100); });',
    'await new Promise(r => setTimeout(() => r(), 100));',
    "import { setTimeout as pause } from 'node:timers/promises';",
    'await sleep(10);',
  ])('a test may not sleep: %s', (line) => {
    expect(findBreaches('test/unit/x.test.ts', `\n${line}\n`)).toEqual([
      'test/unit/x.test.ts:2: a bare sleep: wait for a condition with eventually() of test/support',
    ]);
  });

  test.each([
    'const timer = setTimeout(() => socket.destroy(), 100);',
    "new Promise((_, reject) => setTimeout(() => reject(new Error('late')), 100));",
    "import { setImmediate } from 'node:timers/promises';",
  ])('a test may set a limit: %s', (line) => {
    expect(findBreaches('test/unit/x.test.ts', line)).toEqual([]);
  });

  test('eventually is where the sleeping is done', () => {
    const line = 'await new Promise((resolve) => setTimeout(resolve, 10));';
    expect(findBreaches('test/support/eventually.ts', line)).toEqual([]);
    expect(findBreaches('test/support/other.ts', line)).toHaveLength(1);
  });

  test('only main ends the process and hears signals', () => {
    const text = "process.on('SIGTERM', stop);\nprocess.exit(1);\n";
    expect(findBreaches('src/server/x.ts', text)).toHaveLength(2);
    expect(findBreaches('src/main.ts', text)).toEqual([]);
  });
});

describe('the rules of the protocol', () => {
  const protocol = '# Rules\n- **A1** One.\n- **L12** Two, see **A9**.\n';

  test('are each cited by a test', () => {
    expect(findUnprovedRules(protocol, { a: "test('[A1][L12] x')" })).toEqual([]);
    expect(findUnprovedRules(protocol, { a: "test('[A1] x')" })).toEqual([
      'PROTOCOL.md: no test cites [L12]',
    ]);
  });

  test('are the only ones that a test cites', () => {
    expect(findUnprovedRules(protocol, { a: '[A1]', b: '[L12] [A9]' })).toEqual([
      'b: cites A9, which PROTOCOL.md does not have',
    ]);
  });
});

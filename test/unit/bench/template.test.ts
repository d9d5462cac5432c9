import { describe, expect, test } from '@jest/globals';
import type { Result } from '../../../bench/lib/result.ts';
import { fillTemplate } from '../../../bench/lib/template.ts';

const result: Result = {
  question: 'drops',
  command: 'npm run bench -- drops --clients 5',
  at: '2026-03-04T05:06:07.000Z',
  durationMs: 12_400,
  commit: 'abc1234567',
  seed: 3,
  machine: { cpu: 'A CPU', cores: 2, memoryGb: 8, system: 'linux x64' },
  versions: { edagent: '0.1.0', node: '20.20.2', redis: '7.0.15', postgres: '15.20' },
  options: { clients: 5 },
  verdicts: [
    { wanted: 'all', measured: '5 of 5', isMet: true },
    { wanted: 'fast', measured: '9 s', isMet: false },
  ],
  measured: { delay: { p99: 1_234.567 }, share: 0, memory: 103.66 },
};

describe('a template', () => {
  test('is filled with what was measured, each figure with its unit', () => {
    const template =
      '{{drops.delay.p99 | ms}}, {{drops.delay.p99 | s}}, {{drops.share | percent}}, {{drops.memory | mb}}, {{drops.options.clients | count}}';
    expect(fillTemplate(template, { drops: result })).toBe('1,235 ms, 1.23 s, 0 %, 104 MB, 5');
  });

  test('says on what it was measured, and what was wanted and not met', () => {
    const text = fillTemplate('{{drops.run | context}}\n{{drops.run.verdicts | verdicts}}', {
      drops: result,
    });
    expect(text).toContain('2026-03-04 at commit abc1234567: A CPU, 2 cores, 8 GB, Node.js 20.20.2');
    expect(text).toContain('| all | 5 of 5 | met |');
    expect(text).toContain('| fast | 9 s | **not met** |');
  });

  test('leaves out what was not measured, with its placeholders', () => {
    const template =
      'a\n<!-- measured: soak -->\n{{soak.ratio | times}}\n<!-- /measured -->\n<!-- measured: drops -->\n{{drops.memory | mb}}\n<!-- /measured -->\nb\n';
    expect(fillTemplate(template, { drops: result, soak: null })).toBe('a\n104 MB\nb\n');
  });

  test.each(['{{drops.nothing | ms}}', '{{soak.ratio | times}}', '{{drops.memory | furlongs}}'])(
    'names the placeholder that names nothing: %s',
    (placeholder) => {
      expect(() => fillTemplate(placeholder, { drops: result })).toThrow(placeholder);
    },
  );
});

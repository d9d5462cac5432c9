import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createProgressTable } from '../../../src/feed/progress.ts';
import { createSharedDeltas } from '../../../src/feed/shared-deltas.ts';
import { createShownTexts } from '../../../src/feed/shown-texts.ts';

const texts = [
  'The first attempt says this.',
  'The second one says something else, and more.',
  'The third one is the last of them all.',
];
const messageId = 'm1';

const deltaOf = (attempt: number, from: number, to: number) => {
  const text = texts[attempt - 1] ?? '';
  const offset = Math.min(from, to, text.length);
  return {
    messageId,
    conversationId: 'c1',
    attempt,
    startedSeq: 1,
    offset,
    text: text.slice(offset, Math.max(from, to)),
  };
};

type Step =
  | {
      readonly kind: 'delta' | 'rewrite' | 'load';
      readonly attempt: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'pull' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('delta', 'rewrite', 'load'),
      attempt: fc.constantFrom(1, 1, 1, 1, 2, 2, 3),
      from: fc.oneof(fc.constant(0), fc.nat(25)),
      to: fc.nat(40),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'pull' } as const) },
);

describe('the progress of answers', () => {
  test('[N8] whatever is lost, doubled, reordered or read again, what is shown is a prefix of one attempt and attempts only rise', () => {
    let grown = 0;
    let gaps = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 15, maxLength: 40 }), (steps) => {
        const table = createProgressTable();
        const shown = createShownTexts({ deltaFrom: createSharedDeltas('c1').from });
        table.start({ messageId, startedSeq: 1, attempt: 0, text: '' });
        let screen = { attempt: 0, text: '' };
        let known = { attempt: 0, length: 0 };
        for (const next of steps) {
          if (next.kind === 'pull') {
            const progress = table.get(messageId);
            const item = progress && shown.toDelta(progress);
            if (!item) continue;
            const { attempt, offset, text } = item.delta;
            expect(attempt).toBeGreaterThanOrEqual(screen.attempt);
            // From the end of what is shown, or all of it anew.
            expect([0, attempt === screen.attempt ? screen.text.length : 0]).toContain(offset);
            screen = {
              attempt,
              text: (attempt === screen.attempt ? screen.text.slice(0, offset) : '') + text,
            };
            expect(texts[attempt - 1]?.startsWith(screen.text)).toBe(true);
            continue;
          }
          const delta = deltaOf(next.attempt, next.from, next.to);
          const whole = { attempt: next.attempt, text: deltaOf(next.attempt, 0, next.to).text };
          if (next.kind === 'rewrite') table.rewrite(messageId, whole);
          else if (next.kind === 'load') table.start({ messageId, startedSeq: 1, ...whole });
          else {
            const effect = table.accept(delta, 1);
            if (effect === 'grown') grown += 1;
            if (effect === 'gap') gaps += 1;
          }
          const progress = table.get(messageId);
          const now = { attempt: progress?.attempt ?? 0, length: progress?.text.length ?? 0 };
          expect(now.attempt).toBeGreaterThanOrEqual(known.attempt);
          if (now.attempt === known.attempt) expect(now.length).toBeGreaterThanOrEqual(known.length);
          if (now.attempt > 0) expect(texts[now.attempt - 1]?.startsWith(progress?.text ?? '')).toBe(true);
          known = now;
        }
      }),
      { numRuns: 300, verbose: true },
    );
    expect(Math.min(grown, gaps)).toBeGreaterThan(100);
  });

  test('deltas in order are told one after the other, each where the one before ended', () => {
    const table = createProgressTable();
    const shown = createShownTexts({ deltaFrom: createSharedDeltas('c1').from });
    table.start({ messageId, startedSeq: 1, attempt: 0, text: '' });
    const told = [deltaOf(1, 0, 4), deltaOf(1, 4, 9), deltaOf(1, 9, 14)].map((delta) => {
      expect(table.accept(delta, 1)).toBe('grown');
      const progress = table.get(messageId);
      return progress && shown.toDelta(progress)?.delta;
    });
    expect(told).toMatchObject([
      { offset: 0, text: 'The ' },
      { offset: 4, text: 'first' },
      { offset: 9, text: ' atte' },
    ]);
  });

  test('a delta of an answer that started below the position and is not known has ended', () => {
    const table = createProgressTable();
    expect(table.accept(deltaOf(1, 0, 4), 1)).toBe('dropped');
    expect(table.get(messageId)).toBeUndefined();
  });

  test('a delta before its AnswerStarted is kept, and belongs to the started ones when that has passed', () => {
    const table = createProgressTable();
    expect(table.accept(deltaOf(1, 0, 4), 0)).toBe('grown');
    expect(table.started(0)).toEqual([]);
    table.start({ messageId, startedSeq: 1, attempt: 0, text: '' });
    expect(table.started(1)).toMatchObject([{ messageId, attempt: 1, text: 'The ' }]);
  });

  test('a delta after the end is dropped', () => {
    const table = createProgressTable();
    table.start({ messageId, startedSeq: 1, attempt: 1, text: 'The' });
    table.end(messageId);
    expect(table.accept(deltaOf(1, 3, 6), 5)).toBe('dropped');
    expect(table.rewrite(messageId, { attempt: 1, text: 'The first' })).toBe(false);
  });

  test('[N12] nothing of an answer that is being stopped is shown any more', () => {
    const table = createProgressTable();
    const shown = createShownTexts({ deltaFrom: createSharedDeltas('c1').from });
    table.start({ messageId, startedSeq: 1, attempt: 1, text: 'The' });
    table.stopping(messageId);
    table.accept(deltaOf(1, 3, 6), 5);
    const progress = table.get(messageId);
    expect(progress && shown.toDelta(progress)).toBeNull();
  });

  test('a text that was read again is told from offset 0', () => {
    const table = createProgressTable();
    const shown = createShownTexts({ deltaFrom: createSharedDeltas('c1').from });
    table.start({ messageId, startedSeq: 1, attempt: 1, text: 'The' });
    const pull = () => {
      const progress = table.get(messageId);
      return progress && shown.toDelta(progress)?.delta;
    };
    expect(pull()).toMatchObject({ offset: 0, text: 'The' });
    expect(table.accept(deltaOf(1, 9, 14), 5)).toBe('gap');
    table.rewrite(messageId, { attempt: 1, text: 'The first atte' });
    expect(pull()).toMatchObject({ offset: 0, text: 'The first atte' });
  });
});

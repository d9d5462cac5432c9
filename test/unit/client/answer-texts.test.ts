import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AnswerEvent, createAnswerTexts } from '../../../client/src/index.ts';

const messageId = 'm';
const delta = (attempt: number, offset: number, text: string): AnswerEvent => ({
  __typename: 'AnswerDelta',
  messageId,
  attempt,
  offset,
  text,
});
const finished = (text: string): AnswerEvent => ({ __typename: 'AnswerFinished', messageId, text });

const applyAll = (events: readonly AnswerEvent[]) => {
  const texts = createAnswerTexts();
  return events.map((event) => texts.apply(event)?.text ?? null);
};

describe('createAnswerTexts', () => {
  test('deltas in order make up the text', () => {
    const texts = createAnswerTexts();
    expect(texts.apply({ __typename: 'AnswerStarted', messageId })).toEqual({
      messageId,
      attempt: 0,
      text: '',
      state: 'GENERATING',
    });
    texts.apply(delta(1, 0, 'two plus '));
    expect(texts.apply(delta(1, 9, 'two'))).toEqual({
      messageId,
      attempt: 1,
      text: 'two plus two',
      state: 'GENERATING',
    });
    expect(texts.get(messageId)?.text).toBe('two plus two');
  });

  test('a delta that overlaps adds what is new; one that is behind takes nothing away', () => {
    expect(
      applyAll([delta(1, 0, 'abcd'), delta(1, 2, 'cdef'), delta(1, 0, 'abc'), delta(1, 6, 'g')]),
    ).toEqual(['abcd', 'abcdef', null, 'abcdefg']);
  });

  test('a delta beyond a gap waits for one that closes it', () => {
    expect(applyAll([delta(1, 0, 'ab'), delta(1, 4, 'ef'), delta(1, 0, 'abcdef')])).toEqual([
      'ab',
      null,
      'abcdef',
    ]);
  });

  test('a higher attempt begins anew, also when its beginning is missing; a lower one is dropped', () => {
    expect(applyAll([delta(1, 0, 'one'), delta(2, 3, '!'), delta(1, 3, '!'), delta(2, 0, 'two!')])).toEqual([
      'one',
      '',
      null,
      'two!',
    ]);
  });

  test.each([
    ['AnswerFinished', 'FINISHED'],
    ['AnswerStopped', 'STOPPED'],
    ['AnswerFailed', 'FAILED'],
  ] as const)('the text of %s wins and nothing changes it', (__typename, state) => {
    const texts = createAnswerTexts();
    texts.apply(delta(2, 0, 'abc'));
    const closed = { messageId, attempt: 2, text: 'ab', state };
    expect(texts.apply({ __typename, messageId, text: 'ab' })).toEqual(closed);
    expect(texts.apply(delta(3, 0, 'xyz'))).toBeNull();
    expect(texts.apply(finished('xyz'))).toBeNull();
    expect(texts.apply({ __typename: 'AnswerStarted', messageId })).toBeNull();
    expect(texts.get(messageId)).toEqual(closed);
  });

  test('an answer started twice keeps its text', () => {
    const started: AnswerEvent = { __typename: 'AnswerStarted', messageId };
    expect(applyAll([started, delta(1, 0, 'a'), started])).toEqual(['', 'a', null]);
  });

  test('other events change nothing', () => {
    const texts = createAnswerTexts();
    expect(texts.apply({ __typename: 'MessageAdded' })).toBeNull();
    expect(texts.apply({})).toBeNull();
  });

  test('a forgotten answer is not kept', () => {
    const texts = createAnswerTexts();
    texts.apply(delta(1, 0, 'a'));
    texts.forget(messageId);
    expect(texts.get(messageId)).toBeUndefined();
  });

  test('answers do not touch each other', () => {
    const texts = createAnswerTexts();
    texts.apply(delta(1, 0, 'a'));
    texts.apply({ ...delta(1, 0, 'b'), messageId: 'n' });
    expect([texts.get('m')?.text, texts.get('n')?.text]).toEqual(['a', 'b']);
  });
});

interface Slice {
  readonly attempt: number;
  readonly from: number;
  readonly to: number;
}

const attempts = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 4 });

const slices = fc.array(fc.record({ attempt: fc.nat(3), from: fc.nat(60), to: fc.nat(60) }), {
  maxLength: 60,
});

const toDelta = (texts: readonly string[], { attempt, from, to }: Slice): AnswerEvent => {
  const index = attempt % texts.length;
  const text = texts[index] as string;
  const [start, end] = [Math.min(from, to), Math.max(from, to)].map((at) => Math.min(at, text.length));
  return delta(index + 1, start as number, text.slice(start, end));
};

describe('[property] however deltas are lost, doubled and reordered', () => {
  test('what shows is a prefix of one attempt, which never goes down and whose text never shrinks', () => {
    let shown = 0;
    fc.assert(
      fc.property(attempts, slices, (texts, cuts) => {
        const answers = createAnswerTexts();
        let before = { attempt: 0, text: '' };
        for (const cut of cuts) {
          const answer = answers.apply(toDelta(texts, cut));
          if (!answer) continue;
          if (answer.text) shown++;
          expect((texts[answer.attempt - 1] ?? '').startsWith(answer.text)).toBe(true);
          expect(answer.attempt).toBeGreaterThanOrEqual(before.attempt);
          if (answer.attempt === before.attempt) {
            expect(answer.text.length).toBeGreaterThan(before.text.length);
          }
          before = answer;
        }
      }),
    );
    expect(shown).toBeGreaterThan(0);
  });

  test('one delta with all the text of the last attempt heals what was lost', () => {
    fc.assert(
      fc.property(attempts, slices, (texts, cuts) => {
        const answers = createAnswerTexts();
        for (const cut of cuts) answers.apply(toDelta(texts, cut));
        const last = texts.at(-1) as string;
        answers.apply(delta(texts.length, 0, last));
        expect(answers.get(messageId)?.text).toBe(last);
      }),
    );
  });

  test('after the end the text is that of the end', () => {
    fc.assert(
      fc.property(attempts, slices, slices, fc.string(), (texts, earlier, later, end) => {
        const answers = createAnswerTexts();
        for (const cut of earlier) answers.apply(toDelta(texts, cut));
        answers.apply(finished(end));
        for (const cut of later) expect(answers.apply(toDelta(texts, cut))).toBeNull();
        expect(answers.get(messageId)).toMatchObject({ text: end, state: 'FINISHED' });
      }),
    );
  });
});

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { AnswerUsage } from '../../src/domain/answer.ts';
import type { Tutor, TutorContext } from '../../src/tutor/port.ts';
import { eventually } from '../support/eventually.ts';
import { exampleContext } from '../unit/tutor/example-context.ts';

export interface TutorHarness {
  readonly tutor: Tutor;
  /** The whole answer to this context. It holds characters outside the basic plane. */
  answerTo(context: TutorContext): string;
  /** Calls of the model so far. */
  calls(): number;
  /** Calls of the model that are open now. */
  open(): number;
  dispose(): Promise<void>;
}

export interface TutorHarnessOptions {
  /** The model says nothing more after this many tokens. */
  readonly stallAfter?: number;
}

export type CreateTutorHarness = (options: TutorHarnessOptions) => Promise<TutorHarness>;

const promptlyMs = 1_000;
const never = new AbortController().signal;
const context = exampleContext(
  'Make a study plan for 😀 emoji 🧮🧮🧮🧮🧮🧮🧮🧮🧮 and 👩‍🚀👩‍🚀👩‍🚀 astronauts',
);

const collect = async (
  tutor: Tutor,
  asked: TutorContext = context,
  signal: AbortSignal = never,
): Promise<string[]> => {
  const pieces: string[] = [];
  await tutor.reply(asked, signal, (piece) => pieces.push(piece));
  return pieces;
};

/** What every tutor promises (tutor/port.ts). An unhandled rejection in any of these fails the test: jest sees to it. */
export const tutorContract = (name: string, create: CreateTutorHarness): void => {
  describe(`tutor contract: ${name}`, () => {
    describe('a model that answers', () => {
      const { get } = harnessForEach(create, {});

      test('the pieces concatenate to the answer and none is empty', async () => {
        const { tutor, answerTo } = get();
        const pieces = await collect(tutor);
        expect(pieces.join('')).toBe(answerTo(context));
        expect(pieces.length).toBeGreaterThan(3);
        expect(pieces).not.toContain('');
      });

      test('no piece holds half of a surrogate pair', async () => {
        const pieces = await collect(get().tutor);
        expect(pieces.join('')).toMatch(/\p{Emoji_Presentation}/u);
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
      });

      test('one reply is one call of the model', async () => {
        const { tutor, calls } = get();
        expect(calls()).toBe(0);
        await collect(tutor);
        expect(calls()).toBe(1);
      });

      test('replies at the same time do not mix', async () => {
        const { tutor, answerTo, calls } = get();
        const replies = [1, 2, 3].map(() => collect(tutor));
        for (const pieces of await Promise.all(replies)) expect(pieces.join('')).toBe(answerTo(context));
        expect(calls()).toBe(3);
      });

      test('usage is reported at most once, before the end', async () => {
        const reported: AnswerUsage[] = [];
        await collect(get().tutor, { ...context, onUsage: (usage) => reported.push(usage) });
        expect(reported).toEqual([{ inputTokens: expect.any(Number), outputTokens: expect.any(Number) }]);
      });

      test('an abort after the end changes nothing', async () => {
        const abort = new AbortController();
        const { tutor, answerTo } = get();
        const pieces = await collect(tutor, context, abort.signal);
        abort.abort(new Error('too late'));
        expect(pieces.join('')).toBe(answerTo(context));
      });

      test('a signal that is already aborted calls no model', async () => {
        const { tutor, calls } = get();
        const reason = new Error('stopped before');
        await expect(collect(tutor, context, AbortSignal.abort(reason))).rejects.toBe(reason);
        expect(calls()).toBe(0);
      });

      test('an abort in the call of a piece is the last that is heard of it', async () => {
        const { tutor, open } = get();
        const abort = new AbortController();
        const reason = new Error('enough');
        const pieces: string[] = [];
        const reply = tutor.reply(context, abort.signal, (piece) => {
          pieces.push(piece);
          abort.abort(reason);
        });
        await expect(reply).rejects.toBe(reason);
        await eventually(() => open() === 0, { timeoutMs: promptlyMs });
        expect(pieces).toHaveLength(1);
      });
    });

    describe.each([0, 2])('a model that falls silent after %i tokens', (stallAfter) => {
      const { get } = harnessForEach(create, { stallAfter });

      test('an abort rejects with its reason promptly and closes the call', async () => {
        const { tutor, open, calls } = get();
        const abort = new AbortController();
        const pieces: string[] = [];
        const reply = tutor.reply(context, abort.signal, (piece) => pieces.push(piece));
        // A rejection may come before the test awaits it.
        reply.catch(() => undefined);
        await eventually(() => pieces.length === stallAfter && open() === 1);
        const reason = new Error('stopped');
        const abortedAt = performance.now();
        abort.abort(reason);
        await expect(reply).rejects.toBe(reason);
        expect(performance.now() - abortedAt).toBeLessThan(promptlyMs);
        await eventually(() => open() === 0, { timeoutMs: promptlyMs });
        expect(pieces).toHaveLength(stallAfter);
        expect(calls()).toBe(1);
      });
    });
  });
};

const harnessForEach = (create: CreateTutorHarness, options: TutorHarnessOptions) => {
  let harness: TutorHarness | undefined;
  beforeEach(async () => {
    harness = await create(options);
  });
  afterEach(async () => {
    await harness?.dispose();
    harness = undefined;
  });
  return {
    get: (): TutorHarness => {
      if (!harness) throw new Error('there is a harness only inside a test');
      return harness;
    },
  };
};

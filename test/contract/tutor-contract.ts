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

const collect = async (pieces: AsyncIterable<string>): Promise<string[]> => {
  const all: string[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
};

/** How an aborted iteration may end: returning or throwing the reason; anything else is rethrown. */
const endOf = async (next: Promise<IteratorResult<string>>, reason: unknown): Promise<'ended'> => {
  try {
    expect((await next).done).toBe(true);
  } catch (error) {
    if (error !== reason) throw error;
  }
  return 'ended';
};

/** What every tutor promises (tutor/port.ts). An unhandled rejection in any of these fails the test: jest sees to it. */
export const tutorContract = (name: string, create: CreateTutorHarness): void => {
  describe(`tutor contract: ${name}`, () => {
    describe('a model that answers', () => {
      const { get } = harnessForEach(create, {});

      test('the pieces concatenate to the answer and none is empty', async () => {
        const { tutor, answerTo } = get();
        const pieces = await collect(tutor.reply(context, never));
        expect(pieces.join('')).toBe(answerTo(context));
        expect(pieces.length).toBeGreaterThan(3);
        expect(pieces).not.toContain('');
      });

      test('no piece holds half of a surrogate pair', async () => {
        const pieces = await collect(get().tutor.reply(context, never));
        expect(pieces.join('')).toMatch(/\p{Emoji_Presentation}/u);
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
      });

      test('one reply is one call of the model, made at the first next()', async () => {
        const { tutor, calls } = get();
        const pieces = tutor.reply(context, never)[Symbol.asyncIterator]();
        await new Promise((resolve) => setImmediate(resolve));
        expect(calls()).toBe(0);
        await pieces.next();
        expect(calls()).toBe(1);
        while (!(await pieces.next()).done);
        expect(calls()).toBe(1);
        expect(await pieces.next()).toEqual({ done: true, value: undefined });
        expect(calls()).toBe(1);
      });

      test('replies at the same time do not mix', async () => {
        const { tutor, answerTo, calls } = get();
        const replies = [1, 2, 3].map(() => collect(tutor.reply(context, never)));
        for (const pieces of await Promise.all(replies)) expect(pieces.join('')).toBe(answerTo(context));
        expect(calls()).toBe(3);
      });

      test('usage is reported at most once, before the end', async () => {
        const reported: AnswerUsage[] = [];
        await collect(get().tutor.reply({ ...context, onUsage: (usage) => reported.push(usage) }, never));
        expect(reported).toEqual([{ inputTokens: expect.any(Number), outputTokens: expect.any(Number) }]);
      });

      test('an abort after the end changes nothing', async () => {
        const abort = new AbortController();
        const pieces = get().tutor.reply(context, abort.signal)[Symbol.asyncIterator]();
        while (!(await pieces.next()).done);
        abort.abort(new Error('too late'));
        expect(await pieces.next()).toEqual({ done: true, value: undefined });
      });

      test('a signal that is already aborted calls no model', async () => {
        const { tutor, calls } = get();
        const reason = new Error('stopped before');
        const pieces = tutor.reply(context, AbortSignal.abort(reason))[Symbol.asyncIterator]();
        expect(await endOf(pieces.next(), reason)).toBe('ended');
        expect(calls()).toBe(0);
      });
    });

    describe.each([0, 2])('a model that falls silent after %i tokens', (stallAfter) => {
      const { get } = harnessForEach(create, { stallAfter });

      const readToSilence = async (signal: AbortSignal) => {
        const { tutor, open } = get();
        const pieces = tutor.reply(context, signal)[Symbol.asyncIterator]();
        for (let count = 0; count < stallAfter; count += 1) {
          expect(await pieces.next()).toEqual({ done: false, value: expect.any(String) });
        }
        const waiting = pieces.next();
        // A rejection may come before the test awaits it.
        waiting.catch(() => undefined);
        await eventually(() => open() === 1);
        return { pieces, waiting };
      };

      test('an abort ends the iteration promptly and closes the call', async () => {
        const abort = new AbortController();
        const { pieces, waiting } = await readToSilence(abort.signal);
        const reason = new Error('stopped');
        const abortedAt = performance.now();
        abort.abort(reason);
        expect(await endOf(waiting, reason)).toBe('ended');
        expect(performance.now() - abortedAt).toBeLessThan(promptlyMs);
        await eventually(() => get().open() === 0, { timeoutMs: promptlyMs });
        expect(await pieces.next()).toEqual({ done: true, value: undefined });
        expect(get().calls()).toBe(1);
      });

      test('return() while next() waits settles both promptly and closes the call', async () => {
        const { pieces, waiting } = await readToSilence(never);
        const leftAt = performance.now();
        await pieces.return?.();
        expect(await waiting).toEqual({ done: true, value: undefined });
        expect(performance.now() - leftAt).toBeLessThan(promptlyMs);
        await eventually(() => get().open() === 0, { timeoutMs: promptlyMs });
      });
    });

    describe('a consumer that leaves', () => {
      const { get } = harnessForEach(create, { stallAfter: 2 });

      test('break closes the call', async () => {
        const { tutor, open, calls } = get();
        for await (const piece of tutor.reply(context, never)) {
          expect(piece).not.toBe('');
          break;
        }
        await eventually(() => open() === 0, { timeoutMs: promptlyMs });
        expect(calls()).toBe(1);
      });

      test('return() before the first next() calls no model', async () => {
        const { tutor, calls } = get();
        const pieces = tutor.reply(context, never)[Symbol.asyncIterator]();
        await pieces.return?.();
        expect(await pieces.next()).toEqual({ done: true, value: undefined });
        expect(calls()).toBe(0);
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

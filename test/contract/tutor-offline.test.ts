import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { createOfflineTutor } from '../../src/tutor/offline.ts';
import { composeOfflineReply } from '../../src/tutor/offline-reply.ts';
import type { Sleep } from '../../src/tutor/pacing.ts';
import { exampleContext } from '../unit/tutor/example-context.ts';
import { type CreateTutorHarness, tutorContract } from './tutor-contract.ts';

const never = new AbortController().signal;

/** The composer stands for the model, and a pause between tokens for its open call. */
const create: CreateTutorHarness = async ({ stallAfter = Infinity }) => {
  let calls = 0;
  let sleeping = 0;
  let tokens = 0;
  const sleep: Sleep = async (_ms, signal) => {
    tokens += 1;
    if (tokens <= stallAfter) return;
    sleeping += 1;
    try {
      await once(signal, 'abort');
      signal.throwIfAborted();
    } finally {
      sleeping -= 1;
    }
  };
  const tutor = createOfflineTutor({
    tokensPerSecond: 0.01,
    sleep,
    compose(context) {
      calls += 1;
      return composeOfflineReply(context);
    },
  });
  return {
    tutor,
    answerTo: composeOfflineReply,
    calls: () => calls,
    open: () => sleeping,
    async dispose() {},
  };
};

tutorContract('offline', create);

describe('offline tutor', () => {
  const read = async (tokensPerSecond: number): Promise<{ pieces: number; ms: number }> => {
    const startedAt = performance.now();
    let pieces = 0;
    await createOfflineTutor({ tokensPerSecond }).reply(exampleContext('hello'), never, () => {
      pieces += 1;
    });
    return { pieces, ms: performance.now() - startedAt };
  };

  test('keeps to its pace', async () => {
    const { pieces, ms } = await read(200);
    expect(ms).toBeGreaterThanOrEqual((pieces * 1_000) / 200 - 5);
    expect(ms).toBeLessThan((pieces * 1_000) / 200 + 1_000);
  });

  test.each([0, Infinity])('answers without delay at %p tokens a second', async (tokensPerSecond) => {
    const { pieces, ms } = await read(tokensPerSecond);
    expect(pieces).toBeGreaterThan(10);
    expect(ms).toBeLessThan(500);
  });

  test('gives the same answer to the same conversation', async () => {
    const texts = await Promise.all(
      [1, 2].map(async () => {
        let text = '';
        const tutor = createOfflineTutor({ tokensPerSecond: 0, name: 'Sage' });
        await tutor.reply(exampleContext('hi'), never, (piece) => {
          text += piece;
        });
        return text;
      }),
    );
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0]).toContain('Sage');
  });
});

import { afterEach, describe, expect, test } from '@jest/globals';
import { EdAgentError } from '../../src/domain/errors.ts';
import { createRedisPubSub } from '../../src/pubsub/redis.ts';
import { createRateLimits, type RateLimits } from '../../src/server/rate-limits.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { dropKeys, startRedis } from '../support/redis-servers.ts';
import { testRedisUrl } from '../support/services.ts';

const disposers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const dispose of disposers.splice(0).reverse()) await dispose();
});

const refusalOf = async (work: Promise<void>): Promise<EdAgentError> => {
  const failure = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof EdAgentError) return failure;
  throw new Error('not refused', { cause: failure });
};

type MakeLimits = (options: { messagesPerMinute: number; windowMs?: number }) => Promise<RateLimits>;

const rateLimitsContract = (name: string, create: MakeLimits): void => {
  describe(name, () => {
    test('so many messages pass and the next is refused with the time after which it may pass', async () => {
      const limits = await create({ messagesPerMinute: 3 });
      for (let count = 0; count < 3; count += 1) await limits.consumeMessage('ada');
      const refusal = await refusalOf(limits.consumeMessage('ada'));
      expect(refusal.code).toBe('RATE_LIMITED');
      expect(refusal.message).toMatch(/^Too many messages: at most 3 a minute\. Try again in \d+ s\.$/);
      expect(refusal.retryAfterMs).toBeGreaterThan(50_000);
      expect(refusal.retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    test('each user has a limit of their own', async () => {
      const limits = await create({ messagesPerMinute: 1 });
      await limits.consumeMessage('ada');
      await limits.consumeMessage('bob');
      await refusalOf(limits.consumeMessage('ada'));
    });

    test('a refund gives one message back, also after a refusal', async () => {
      const limits = await create({ messagesPerMinute: 2 });
      await limits.consumeMessage('ada');
      await limits.consumeMessage('ada');
      await refusalOf(limits.consumeMessage('ada'));
      await limits.refundMessage('ada');
      await limits.consumeMessage('ada');
      await refusalOf(limits.consumeMessage('ada'));
    });

    test('what remains is told', async () => {
      const limits = await create({ messagesPerMinute: 2 });
      expect(await limits.remainingMessages('ada')).toEqual({ remaining: 2, resetAfterMs: 0 });
      await limits.consumeMessage('ada');
      const { remaining, resetAfterMs } = await limits.remainingMessages('ada');
      expect(remaining).toBe(1);
      expect(resetAfterMs).toBeGreaterThan(50_000);
      await limits.consumeMessage('ada');
      await refusalOf(limits.consumeMessage('ada'));
      expect((await limits.remainingMessages('ada')).remaining).toBe(0);
    });

    test('the limit begins anew after the window', async () => {
      const limits = await create({ messagesPerMinute: 1, windowMs: 1_000 });
      await limits.consumeMessage('ada');
      const { retryAfterMs = 0 } = await refusalOf(limits.consumeMessage('ada'));
      const refusedAt = performance.now();
      await eventually(async () => {
        await limits.consumeMessage('ada');
        return true;
      });
      expect(performance.now() - refusedAt).toBeGreaterThan(retryAfterMs - 50);
    });
  });
};

rateLimitsContract('limits in process', async (options) => {
  const limits = createRateLimits({ client: null, prefix: '', ...options });
  disposers.push(() => limits.dispose());
  return limits;
});

const connect = async (url: string) => {
  const prefix = `test:${newId()}:`;
  const pubSub = createRedisPubSub({ url, prefix, log: silentLog });
  disposers.push(
    () => dropKeys(url, prefix),
    () => pubSub.dispose(),
  );
  await eventually(() => pubSub.isUp);
  const createLimits: MakeLimits = async (options) => {
    const limits = createRateLimits({ client: pubSub.client, prefix, ...options });
    disposers.push(() => limits.dispose());
    return limits;
  };
  return { pubSub, createLimits };
};

const url = testRedisUrl();
if (url) {
  rateLimitsContract('limits on Redis', async (options) => {
    const { createLimits } = await connect(url);
    return createLimits(options);
  });
} else describe.skip('limits on Redis', () => {});

describe('limits on a Redis', () => {
  test('are counted over all nodes', async () => {
    const server = await startRedis();
    disposers.push(() => server.dispose());
    const { createLimits } = await connect(server.url);
    const [here, there] = [
      await createLimits({ messagesPerMinute: 2 }),
      await createLimits({ messagesPerMinute: 2 }),
    ];
    await here.consumeMessage('ada');
    await there.consumeMessage('ada');
    await refusalOf(here.consumeMessage('ada'));
    await refusalOf(there.consumeMessage('ada'));
  });

  test('that goes away are counted by the node, and shared again when it is back', async () => {
    const server = await startRedis();
    disposers.push(() => server.dispose());
    const { pubSub, createLimits } = await connect(server.url);
    const [here, there] = [
      await createLimits({ messagesPerMinute: 1 }),
      await createLimits({ messagesPerMinute: 1 }),
    ];
    await here.consumeMessage('ada');
    await server.kill();
    await eventually(() => !pubSub.isUp);
    await here.consumeMessage('ada');
    await refusalOf(here.consumeMessage('ada'));
    await here.refundMessage('ada');
    expect((await here.remainingMessages('ada')).remaining).toBe(1);
    await there.consumeMessage('ada');
    await server.restart();
    await eventually(() => pubSub.isUp);
    await here.consumeMessage('ada');
    await refusalOf(there.consumeMessage('ada'));
  });
});

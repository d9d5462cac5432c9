import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Typing, TypingItem } from '../../../src/conversations/port.ts';
import { createTyping, type TypingOptions } from '../../../src/conversations/typing.ts';
import { unavailable } from '../../../src/domain/errors.ts';
import type { TypingSignal } from '../../../src/domain/events.ts';
import type { Feeds, TopicWatcher } from '../../../src/feed/port.ts';
import type { PubSub } from '../../../src/pubsub/port.ts';
import type { Store } from '../../../src/store/port.ts';
import { newId } from '../../../src/util/id.ts';
import { silentLog } from '../../../src/util/log.ts';
import { accessEnded, finished, started } from '../feed/fakes.ts';

const conversationId = newId();
const ada = { userId: 'ada', name: 'Ada', role: 'LEARNER' } as const;

let onSignal: ((signal: TypingSignal) => void) | null;
let watcher: TopicWatcher | null;
let present: TypingSignal[];
let beforeList: () => void;
let participant: () => Promise<boolean>;
let inProgress: string[];
let typing: Typing;

const setup = (): TypingOptions => ({
  store: { conversations: { isParticipant: () => participant() } } as unknown as Store,
  feeds: {
    watch: async (_topic: string, given: TopicWatcher) => {
      watcher = given;
      given.onAnswers(inProgress);
      return {
        stop: () => {
          watcher = null;
        },
      };
    },
  } as unknown as Feeds,
  pubsub: {
    subscribe: async (_trigger: string, listener: (signal: TypingSignal) => void) => {
      onSignal = listener;
      return () => {
        onSignal = null;
      };
    },
    typists: {
      put: async () => {},
      list: async () => {
        const list = [...present];
        beforeList();
        return list;
      },
    },
  } as unknown as PubSub,
  tutorName: 'Tutor',
  log: silentLog,
  now: () => new Date(),
});

beforeEach(() => {
  jest.useFakeTimers({ now: Date.parse('2026-01-01T00:00:00.000Z') });
  [onSignal, watcher, present, inProgress] = [null, null, [], []];
  beforeList = () => {};
  participant = async () => true;
  typing = createTyping(setup());
});

afterEach(async () => {
  await typing.dispose();
  expect(jest.getTimerCount()).toBe(0);
  expect([onSignal, watcher]).toEqual([null, null]);
  jest.useRealTimers();
});

const signal = (
  isTyping: boolean,
  more: { id?: string; device?: string; aheadMs?: number } = {},
): TypingSignal => ({
  conversationId,
  author: { kind: 'LEARNER', id: more.id ?? 'bob', name: 'Bob' },
  connectionId: more.device ?? 'phone',
  isTyping,
  expiresAt: new Date(Date.now() + 6_000 + (more.aheadMs ?? 0)).toISOString(),
});

const subscribe = async () => {
  const iterator = await typing.subscribe(ada, conversationId);
  const said: string[] = [];
  const done = (async () => {
    for await (const { author, isTyping } of iterator as AsyncIterable<TypingItem>) {
      said.push(`${author.id} ${isTyping ? 'types' : 'ceases'}`);
    }
    said.push('end');
  })();
  await jest.advanceTimersByTimeAsync(0);
  return { iterator, said, done };
};

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('typing', () => {
  test('[T1] ends after 6 s unless it is renewed', async () => {
    const { said } = await subscribe();
    onSignal?.(signal(true));
    await pass(5_000);
    onSignal?.(signal(true));
    await pass(5_999);
    expect(said).toEqual(['bob types', 'bob types']);
    await pass(1);
    expect(said.at(-1)).toBe('bob ceases');
  });

  test('[T1] ends by the clock of this node, although that of the sender is wrong', async () => {
    const { said } = await subscribe();
    onSignal?.(signal(true, { aheadMs: 3_600_000 }));
    onSignal?.(signal(true, { id: 'eve', aheadMs: -3_600_000 }));
    await pass(5_999);
    expect(said).toEqual(['bob types', 'eve types']);
    await pass(1);
    expect(said.slice(2)).toEqual(['bob ceases', 'eve ceases']);
  });

  test('[T4] goes on while one device of the user does', async () => {
    const { said } = await subscribe();
    onSignal?.(signal(true));
    onSignal?.(signal(true, { device: 'laptop' }));
    await pass(0);
    onSignal?.(signal(false));
    await pass(0);
    expect(said).not.toContain('bob ceases');
    onSignal?.(signal(false, { device: 'laptop' }));
    await pass(0);
    expect(said.at(-1)).toBe('bob ceases');
  });

  test('[T2] the present typists come first, for as long as is left to them', async () => {
    present = [signal(true, { aheadMs: -4_000 }), signal(true, { id: 'eve', aheadMs: -7_000 })];
    const { said } = await subscribe();
    expect(said).toEqual(['bob types']);
    await pass(1_999);
    expect(said).toEqual(['bob types']);
    await pass(1);
    expect(said).toEqual(['bob types', 'bob ceases']);
  });

  test('what was heard while the present ones were read is newer than they', async () => {
    present = [signal(true), signal(true, { id: 'eve', aheadMs: -5_000 })];
    beforeList = () => {
      onSignal?.(signal(false));
      onSignal?.(signal(true, { id: 'eve' }));
    };
    const { said } = await subscribe();
    await pass(5_999);
    expect(said).toEqual(['eve types']);
    await pass(1);
    expect(said).toEqual(['eve types', 'eve ceases']);
  });

  test('[T3] the tutor types from the start of an answer to its end, renewed on the way', async () => {
    const { said } = await subscribe();
    watcher?.onEvent(started());
    await pass(60_000);
    expect(new Set(said)).toEqual(new Set(['tutor types']));
    expect(said.length).toBeGreaterThanOrEqual(20);
    watcher?.onEvent(finished('Hello'));
    await pass(0);
    expect(said.at(-1)).toBe('tutor ceases');
  });

  test('[T3] an answer that ends while the subscription begins holds nobody', async () => {
    inProgress = ['m1'];
    let asked = 0;
    participant = async () => {
      asked += 1;
      if (asked === 2) watcher?.onEvent(finished('Hello'));
      return true;
    };
    const { said } = await subscribe();
    await pass(60_000);
    expect(said).toEqual(['tutor ceases']);
  });

  test('[T3] answers that ended unheard hold nobody, and those that began do', async () => {
    inProgress = ['m1', 'm2'];
    const { said } = await subscribe();
    expect(said).toEqual(['tutor types']);
    watcher?.onAnswers(['m2', 'm3']);
    await pass(6_000);
    expect(said).not.toContain('tutor ceases');
    watcher?.onAnswers([]);
    await pass(0);
    expect(said.at(-1)).toBe('tutor ceases');
  });

  test('[A8] the subscription ends with the right to the conversation', async () => {
    const { said } = await subscribe();
    watcher?.onEvent(accessEnded('bob'));
    watcher?.onEvent(accessEnded('ada'));
    await pass(0);
    expect(said).toEqual(['end']);
  });

  test('[A8] rights that ended unheard end it too, once the store can tell', async () => {
    const { said } = await subscribe();
    let asked = 0;
    participant = async () => {
      asked += 1;
      if (asked < 3) throw unavailable('away');
      return false;
    };
    watcher?.onAnswers([]);
    await pass(900);
    expect(said).toEqual([]);
    await pass(200);
    expect(said).toEqual(['end']);
  });

  test('[A3] whoever takes no part is refused, and leaves nothing behind when that changes on the way', async () => {
    participant = async () => false;
    await expect(typing.subscribe(ada, conversationId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    inProgress = ['m1'];
    let asked = 0;
    participant = async () => {
      asked += 1;
      return asked === 1;
    };
    await expect(typing.subscribe(ada, conversationId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('an end of the right while the subscription begins leaves no timer behind', async () => {
    inProgress = ['m1'];
    present = [signal(true)];
    beforeList = () => watcher?.onEvent(accessEnded('ada'));
    const { said } = await subscribe();
    expect(said).toEqual(['end']);
  });

  test('return() settles while idle', async () => {
    const { iterator, said, done } = await subscribe();
    await iterator.return();
    await done;
    expect(said).toEqual(['end']);
  });
});

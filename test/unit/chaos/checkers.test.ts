import { describe, expect, test } from '@jest/globals';
import { checkers } from '../../chaos/checkers/all.ts';
import type { Fact, FactBody, Frame, Verdict } from '../../chaos/history.ts';
import { createRandom } from '../../support/random.ts';
import { alter, cleanRun, frameAt, isFrame, type Run } from './scene.ts';

const clean = cleanRun();

const judge = ({ history, store }: Run): Verdict[] => checkers.map((check) => check(history, store));

/** The names of the checkers that complain. */
const complaining = (run: Run): string[] =>
  judge(run)
    .filter(({ violations }) => violations.length > 0)
    .map(({ name }) => name);

const is =
  (typename: string) =>
  ({ __typename }: Frame): boolean =>
    __typename === typename;

const isDelta = is('AnswerDelta');
const isLaterDelta = (frame: Frame): boolean => isDelta(frame) && frame.offset !== 0;

const drop = (run: Run, at: number): Run => alter(run, (fact, index) => (index === at ? [] : [fact]));
const double = (run: Run, at: number): Run =>
  alter(run, (fact, index) => (index === at ? [fact, fact] : [fact]));
const replace = (run: Run, at: number, change: Partial<Frame>): Run =>
  alter(run, (fact, index) =>
    index === at && isFrame(fact) ? [{ ...fact, frame: { ...fact.frame, ...change } }] : [fact],
  );

/** Puts the frame behind the next one of its subscription. */
const swap = (run: Run, at: number): Run => {
  const facts = [...run.history.facts];
  const fact = facts[at] as Fact;
  const next = facts.findIndex(
    (other, index) =>
      index > at && isFrame(other) && isFrame(fact) && other.subscription === fact.subscription,
  );
  const other = facts[next];
  if (!other) throw new Error('nothing follows');
  facts[at] = { ...other, atMs: fact.atMs };
  facts[next] = { ...fact, atMs: other.atMs };
  return { ...run, history: { ...run.history, facts } };
};

/** Adds facts before the run settles, so long after the one at this place. */
const insert = (run: Run, at: number, body: FactBody, afterMs: number): Run => {
  const atMs = (run.history.facts[at]?.atMs ?? 0) + afterMs;
  const facts = [...run.history.facts, { ...body, atMs } as Fact].sort((one, other) => one.atMs - other.atMs);
  return { ...run, history: { ...run.history, facts } };
};

const factAt = (kind: Fact['kind']): number => clean.history.facts.findIndex((fact) => fact.kind === kind);
const frame = (at: number): Frame => {
  const fact = clean.history.facts[at];
  if (!fact || !isFrame(fact)) throw new Error('that is no frame');
  return fact.frame;
};

describe('the checkers', () => {
  test('find nothing in a run in which all went right, and each judges something', () => {
    for (const { name, judged, violations } of judge(clean)) {
      expect({ name, violations }).toEqual({ name, violations: [] });
      expect({ name, judged }).not.toEqual({ name, judged: 0 });
    }
  });

  test('judge nothing in an empty run, which fails it', () => {
    const empty = {
      history: { seed: 1, facts: [] },
      store: { ...clean.store, placements: [], answers: [], messages: [], conversations: [] },
    };
    expect(judge(empty).map(({ judged }) => judged)).toEqual(checkers.map(() => 0));
  });
});

describe('a frame on the way', () => {
  const added = frameAt(clean, 's1', is('MessageAdded'), 2);
  const finished = frameAt(clean, 's1', is('AnswerFinished'));
  const delta = frameAt(clean, 's1', isLaterDelta, 1);
  const lastOfAll = frameAt(clean, 's1', (one) => one.broadcastId === 'b2');

  test.each<[string, Run, string[]]>([
    ['a dropped event', drop(clean, added), ['silent-loss']],
    ['a dropped event, the last of all', drop(clean, lastOfAll), ['silent-loss']],
    ['a doubled event', double(clean, added), ['order']],
    ['an event behind the next one', swap(clean, added), ['order', 'silent-loss']],
    [
      'another text of a message',
      replace(clean, added, { message: { ...frame(added).message, text: 'x' } as never }),
      ['order'],
    ],
    ['another id of an event', replace(clean, added, { id: 'event-x' }), ['order']],
    ['another type of an event', replace(clean, added, { __typename: 'ConversationUpdated' }), ['order']],
    [
      'another topic than that of the cursor',
      replace(clean, added, { topic: 'conversation:c2' }),
      ['order', 'rights'],
    ],
    ['a cursor that is none', replace(clean, added, { cursor: 'x' }), ['order']],
    ['a dropped delta', drop(clean, delta), ['prefix']],
    ['a doubled delta', double(clean, delta), ['prefix']],
    ['a delta behind the next one', swap(clean, delta), ['prefix']],
    ['another text of a delta', replace(clean, delta, { text: 'X'.repeat(16) }), ['prefix']],
    ['another offset of a delta', replace(clean, delta, { offset: 3 }), ['prefix']],
    ['half a surrogate pair', replace(clean, delta, { text: '\ud83d' }), ['prefix']],
    [
      'another final text',
      replace(clean, finished, { text: 'call-1: no.' }),
      ['order', 'prefix', 'final-text'],
    ],
    ['a second end', double(clean, finished), ['order', 'one-end']],
  ])('%s is caught', (_, run, names) => {
    const found = complaining(run);
    for (const name of names) expect(found).toContain(name);
  });

  test('of chance is caught wherever it is dropped, doubled or altered', () => {
    const random = createRandom(2_026);
    const durable = clean.history.facts.flatMap((fact, index) =>
      // Of what the others were told to have missed nobody can say that it was lost.
      isFrame(fact) && fact.subscription === 's1' && fact.frame.cursor !== undefined ? [index] : [],
    );
    for (let round = 0; round < 60; round++) {
      const at = random.pick(durable);
      const changes = [drop(clean, at), double(clean, at), replace(clean, at, { id: 'event-x' })];
      const missed = changes.findIndex((run) => complaining(run).length === 0);
      expect({ at, missed }).toEqual({ at, missed: -1 });
    }
  });
});

describe('an answer', () => {
  const takenOver = frame(frameAt(clean, 's1', (one) => isDelta(one) && one.attempt === 2)).messageId;
  const ofAttempt = (attempt: number, nth = 0): number =>
    frameAt(
      clean,
      's1',
      (one) => isDelta(one) && one.messageId === takenOver && one.attempt === attempt,
      nth,
    );

  test('that mixes two attempts is caught', () => {
    const { text } = frame(ofAttempt(1, 1));
    expect(complaining(replace(clean, ofAttempt(2, 1), { text: text ?? '' }))).toContain('prefix');
  });

  test('whose older attempt goes on is caught', () => {
    const late = { ...(clean.history.facts[ofAttempt(1, 1)] as Extract<Fact, { kind: 'received' }>) };
    const run = insert(clean, ofAttempt(2, 1), late, 1);
    expect(complaining(run)).toEqual(['prefix']);
  });

  test('whose second attempt says what the first said is caught', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'model-called' && fact.callId === 'call-3' ? [] : [fact],
    );
    expect(complaining(run)).toContain('prefix');
  });

  test('that is told of the same call in two attempts is caught', () => {
    const run = alter(clean, (fact) => {
      if (!isFrame(fact) || fact.frame.messageId !== takenOver || fact.frame.attempt !== 2) return [fact];
      const { text: full } = clean.history.facts.find(
        (one) => one.kind === 'model-called' && one.callId === 'call-2',
      ) as Extract<Fact, { kind: 'model-called' }>;
      const { offset = 0, text = '' } = fact.frame;
      return [{ ...fact, frame: { ...fact.frame, text: full.slice(offset, offset + text.length) } }];
    });
    expect(complaining(run)).toContain('model-calls');
  });

  test('with a delta after its end is caught', () => {
    const end = frameAt(clean, 's1', is('AnswerFinished'));
    const first = clean.history.facts[frameAt(clean, 's1', isDelta)] as Extract<Fact, { kind: 'received' }>;
    expect(complaining(insert(clean, end, first, 1))).toEqual(['prefix']);
  });

  test('that is open at the end is caught', () => {
    const answers = clean.store.answers.map((answer, index) =>
      index === 0 ? { ...answer, state: 'GENERATING' as const } : answer,
    );
    expect(complaining({ ...clean, store: { ...clean.store, answers } })).toContain('one-end');
  });

  test('with two ends in the store is caught', () => {
    const placements = clean.store.placements.flatMap((one) =>
      one.body.type === 'AnswerFailed' && one.topic === 'conversation:c1'
        ? [one, { ...one, seq: 1_000, eventId: 'event-x' }]
        : [one],
    );
    expect(complaining({ ...clean, store: { ...clean.store, placements } })).toContain('one-end');
  });

  test('that was begun before the one before it ended is caught', () => {
    const placements = clean.store.placements.filter(
      ({ body, topic }) => topic !== 'conversation:c1' || body.type !== 'AnswerStopped',
    );
    expect(complaining({ ...clean, store: { ...clean.store, placements } })).toContain('one-end');
  });

  test('for which the model is called once more than it was tried is caught', () => {
    const again = { kind: 'model-called', callId: 'call-9', question: 'q1', text: 'call-9: again.' } as const;
    expect(complaining(insert(clean, factAt('settled'), again, -10))).toEqual(['model-calls']);
  });

  test('that shows another text at the end than the store has is caught', () => {
    const messageId = clean.store.answers[0]?.messageId ?? '';
    const shown = {
      kind: 'shown',
      client: 'ann-phone',
      messageId,
      state: 'FINISHED',
      text: 'call-1',
    } as const;
    expect(complaining(insert(clean, factAt('settled'), shown, 1))).toEqual(['final-text']);
  });
});

describe('a stop', () => {
  const stop = factAt('stop-acknowledged');
  const { messageId } = clean.history.facts[stop] as Extract<Fact, { kind: 'stop-acknowledged' }>;
  const late = {
    ...(clean.history.facts.findLast(
      (fact) =>
        isFrame(fact) &&
        isDelta(fact.frame) &&
        fact.frame.messageId === messageId &&
        fact.subscription === 's1',
    ) as Extract<Fact, { kind: 'received' }>),
  };
  const withoutEnd = alter(clean, (fact) =>
    isFrame(fact) && fact.subscription === 's1' && fact.frame.messageId === messageId && !isDelta(fact.frame)
      ? []
      : [fact],
  );
  const withFault = (fault: 'redis-freeze' | 'network-slow' | 'node-freeze'): Run => {
    const begin = {
      kind: 'fault-begin',
      faultId: 9,
      fault,
      ...(fault !== 'redis-freeze' && { node: 1 }),
    } as const;
    return insert(insert(withoutEnd, stop, begin, -2), stop, { kind: 'fault-end', faultId: 9 }, 1_900);
  };

  test('with a delta later than the bound is caught', () => {
    expect(complaining(insert(withoutEnd, stop, late, 900))).toContain('after-stop');
  });

  test('with a delta after AnswerStopped is caught', () => {
    expect(complaining(insert(clean, stop, late, 200))).toContain('after-stop');
  });

  test('takes longer without Redis, over a slow line and from a frozen node, and not for ever', () => {
    for (const fault of ['redis-freeze', 'network-slow', 'node-freeze'] as const) {
      const run = withFault(fault);
      const at = run.history.facts.findIndex(({ kind }) => kind === 'stop-acknowledged');
      const names = (ms: number) => complaining(insert(run, at, late, ms));
      expect({ fault, names: names(1_800) }).not.toEqual({
        fault,
        names: expect.arrayContaining(['after-stop']),
      });
      expect({ fault, names: names(6_000) }).toEqual({
        fault,
        names: expect.arrayContaining(['after-stop']),
      });
    }
  });
});

describe('messages', () => {
  test('that were acknowledged and are not in the store are caught', () => {
    const messages = clean.store.messages.filter(({ clientMessageId }) => clientMessageId !== 'q2');
    expect(complaining({ ...clean, store: { ...clean.store, messages } })).toContain('acknowledged-messages');
  });

  test('that are twice in the store are caught', () => {
    const messages = clean.store.messages.flatMap((one) =>
      one.clientMessageId === 'q2' ? [one, { ...one, id: 'message-x' }] : [one],
    );
    expect(complaining({ ...clean, store: { ...clean.store, messages } })).toContain('acknowledged-messages');
  });

  test('that were acknowledged as two are caught', () => {
    const at = factAt('send-acknowledged');
    const fact = clean.history.facts[at] as Extract<Fact, { kind: 'send-acknowledged' }>;
    expect(complaining(insert(clean, at, fact, 10))).toEqual([]);
    expect(complaining(insert(clean, at, { ...fact, messageId: 'message-x' }, 10))).toEqual([
      'acknowledged-messages',
    ]);
  });

  test('that were refused and are in the store are caught', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'send-acknowledged' && fact.clientMessageId === 'q5'
        ? [
            {
              kind: 'send-failed',
              client: fact.client,
              clientMessageId: 'q5',
              code: 'AnswerInProgress',
              atMs: fact.atMs,
            },
          ]
        : [fact],
    );
    expect(complaining(run)).toEqual(['acknowledged-messages']);
  });

  test('whose reply was lost may be in the store or not', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'send-acknowledged' && fact.clientMessageId === 'q5'
        ? [{ kind: 'send-failed', client: fact.client, clientMessageId: 'q5', code: 'LOST', atMs: fact.atMs }]
        : [fact],
    );
    expect(complaining(run)).toEqual([]);
  });
});

describe('a subscription', () => {
  test('that was not told of what it missed is caught', () => {
    const second = frameAt(clean, 's3', is('Ready'), 1);
    expect(complaining(replace(clean, second, { resumed: true }))).toEqual(['silent-loss']);
  });

  test('that is told to begin anew though it gave its cursors is caught', () => {
    const second = frameAt(clean, 's1', is('Ready'), 1);
    expect(complaining(replace(clean, second, { resumed: false }))).toEqual(['silent-loss']);
  });

  test('that loses events to a Resync that never came is caught', () => {
    expect(complaining(drop(clean, frameAt(clean, 's2', is('Resync'))))).toContain('silent-loss');
  });

  test('that gives no cursors and whose app reads no page after Ready is caught', () => {
    const last = clean.history.facts.findLastIndex(
      (fact) => fact.kind === 'page-read' && fact.client === 'ann-tablet',
    );
    expect(complaining(drop(clean, last))).toEqual(['silent-loss']);
  });

  test('whose page lacks a message of before its cursor is caught', () => {
    const last = clean.history.facts.findLastIndex(
      (fact) => fact.kind === 'page-read' && fact.client === 'ann-tablet',
    );
    const run = alter(clean, (fact, index) =>
      index === last && fact.kind === 'page-read' ? [{ ...fact, messages: fact.messages.slice(1) }] : [fact],
    );
    expect(complaining(run)).toEqual(['silent-loss']);
  });

  test('that is not ready at the end is caught', () => {
    expect(complaining(drop(clean, frameAt(clean, 's1', is('Ready'), 1)))).toContain('return');
  });

  test('that takes too long to come back is caught', () => {
    const killed = factAt('fault-begin');
    const { atMs } = clean.history.facts[killed] as Fact;
    const run = alter(clean, (fact) => [fact.atMs > atMs + 5 ? { ...fact, atMs: fact.atMs + 9_000 } : fact]);
    expect(complaining(run)).toContain('recovery');
    const onBusyMachine = { ...run, history: { ...run.history, recoveryP99Ms: 30_000 } };
    expect(complaining(onBusyMachine)).not.toContain('recovery');
  });
});

describe('rights', () => {
  const removal = factAt('removal-acknowledged');
  const received = (subscription: string, client: string, body: Frame): FactBody => ({
    kind: 'received',
    client,
    subscription,
    frame: body,
  });
  const afterRemoval = (matches: (one: Frame) => boolean): Frame => {
    const fact = clean.history.facts.find(
      (one, index) => index > removal && isFrame(one) && matches(one.frame),
    );
    return (fact as Extract<Fact, { kind: 'received' }>).frame;
  };

  test('that ended and bring an event are caught', () => {
    const run = insert(clean, removal, received('s4', 'ben-phone', afterRemoval(is('MessageAdded'))), 50);
    expect(complaining(run)).toContain('rights');
  });

  test('that ended and bring a delta of a later answer are caught', () => {
    const run = insert(clean, removal, received('s4', 'ben-phone', afterRemoval(isDelta)), 50);
    expect(complaining(run)).toContain('rights');
  });

  test('that ended without the subscription are caught', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'subscription-ended' && fact.subscription === 's4' ? [] : [fact],
    );
    expect(complaining(run)).toContain('rights');
  });

  test('that never were are caught', () => {
    const run = alter(clean, (fact) => (fact.kind === 'participant-add-called' ? [] : [fact]));
    expect(complaining(run)).toEqual(['rights']);
  });

  test.each([
    ['bytes', received('s5', 'cas-phone', { __typename: 'Ready', cursors: [] })],
    ['a connection', { kind: 'connected', client: 'cas-phone', node: 0 } as const],
  ])('of a blocked user that bring %s are caught, unless the block was undone', (_, fact) => {
    const block = factAt('block-acknowledged');
    const run = insert(clean, block, fact, 3_000);
    expect(complaining(run)).toEqual(['rights']);
    expect(complaining(insert(clean, block, fact, 1_000))).toEqual([]);
    const undone = insert(run, block, { kind: 'unblock-called', userId: 'cas' }, 2_500);
    expect(complaining(undone)).toEqual([]);
  });

  test.each([
    { kind: 'token-expired', client: 'ann-laptop' } as const,
    { kind: 'disconnect-acknowledged', userId: 'ann' } as const,
  ])('are caught when they bring bytes long after: %j', (cut) => {
    const run = insert(clean, factAt('typing-called'), cut, 1);
    expect(complaining(run)).toEqual(['rights']);
  });

  test('of a token that ended are no matter for the next connection', () => {
    const at = factAt('typing-called');
    const cut = { kind: 'token-expired', client: 'ann-stock' } as const;
    const closed = { kind: 'closed', client: 'ann-stock', code: 4403, reason: '' } as const;
    const run = insert(insert(clean, at, cut, 1), at, closed, 2);
    expect(complaining(run)).not.toContain('rights');
  });

  test('that are kept from the topic of a removed user are caught when they are not', () => {
    const placement = clean.store.placements.findLast(({ topic }) => topic === 'conversation:c1');
    const more = { ...placement, topic: 'user:ben', seq: 1_000 } as (typeof clean.store.placements)[number];
    const placements = [...clean.store.placements, more];
    expect(complaining({ ...clean, store: { ...clean.store, placements } })).toContain('rights');
  });
});

describe('typing', () => {
  test.each(['LEARNER', 'TUTOR'])('of a %s that never ends is caught', (kind) => {
    const run = alter(clean, (fact) =>
      fact.kind === 'typing-received' && !fact.isTyping && fact.author.kind === kind ? [] : [fact],
    );
    expect(complaining(run)).toEqual(['typing']);
  });

  test('that ends too late is caught, and not when it was renewed', () => {
    const signal = factAt('typing-called');
    const late = alter(clean, (fact, index) => [
      index > signal + 1 ? { ...fact, atMs: fact.atMs + 3_000 } : fact,
    ]);
    expect(complaining(late)).toEqual(['typing']);
    const renewal = {
      kind: 'typing-called',
      client: 'ann-phone',
      conversationId: 'c2',
      isTyping: true,
    } as const;
    expect(complaining(insert(late, signal, renewal, 3_000))).toEqual([]);
  });

  test('that a lost socket leaves behind is no matter', () => {
    const run = alter(clean, (fact) =>
      fact.kind === 'typing-received' && !fact.isTyping
        ? [{ kind: 'closed', client: 'ann-laptop', code: 1006, reason: '', atMs: fact.atMs }]
        : [fact],
    );
    expect(complaining(run)).not.toContain('typing');
  });
});

describe('leftovers', () => {
  test.each(['connections', 'sockets', 'timers', 'redisChannels', 'heapBytes', 'residentBytes'] as const)(
    'of %s are caught',
    (gauge) => {
      const run = alter(clean, (fact) =>
        fact.kind === 'measured' && fact.when === 'end'
          ? [{ ...fact, gauges: { ...fact.gauges, [gauge]: 2 * (fact.gauges[gauge] ?? 0) + 2e8 } }]
          : [fact],
      );
      expect(complaining(run)).toEqual(['leftovers']);
    },
  );

  test('that were not measured are caught', () => {
    const run = alter(clean, (fact) => (fact.kind === 'measured' && fact.when === 'end' ? [] : [fact]));
    expect(complaining(run)).toEqual(['leftovers']);
  });
});

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createAnswerPublisher } from '../../../src/answers/publisher.ts';
import type { AnswerDelta } from '../../../src/domain/events.ts';
import type { AppendResult } from '../../../src/pubsub/port.ts';
import type { AnswerLease } from '../../../src/store/port.ts';
import { silentLog } from '../../../src/util/log.ts';

const lease: AnswerLease = {
  messageId: 'answer',
  conversationId: 'conversation',
  inReplyTo: 'message',
  askedBy: 'ada',
  attempt: 2,
  generation: 2,
  startedSeq: 7,
  startedAt: '2026-01-01T00:00:00.000Z',
};

/** How a call of the shared text ends: done, lost on the way there, lost on the way back, refused. */
type Fate = 'done' | 'not-done' | 'done-unheard' | 'refused';

/** A shared text made by hand, whose every call ends as the test says, and what its subscribers put together. */
const startPublisher = (fateOf: (call: number) => Fate | Promise<Fate> = () => 'done') => {
  let stored = '';
  let calls = 0;
  const kinds: string[] = [];
  const published: AnswerDelta[] = [];
  const local: AnswerDelta[] = [];
  let refusals = 0;
  let deltas = 0;

  const run = async (kind: string, work: () => void): Promise<AppendResult> => {
    kinds.push(kind);
    const fate = await fateOf(calls++);
    if (fate === 'refused') return { kind: 'refused' };
    if (fate !== 'not-done') work();
    if (fate !== 'done') throw new Error('Redis did not answer in time');
    return { kind: 'appended', length: stored.length };
  };

  const publisher = createAnswerPublisher({
    lease,
    pubsub: {
      answerTexts: {
        append: (delta) =>
          run('append', () => {
            if (delta.offset !== stored.length) return;
            stored += delta.text;
            published.push(delta);
          }),
        set: (delta) =>
          run('set', () => {
            stored = delta.text;
            published.push(delta);
          }),
        read: async () => null,
        close: async () => {},
      },
    },
    feeds: { acceptDelta: (delta) => void local.push(delta) },
    log: silentLog,
    onRefused: () => {
      refusals += 1;
    },
    onDelta: () => {
      deltas += 1;
    },
  });

  /** What a viewer shows who gets these deltas. */
  const shown = (all: readonly AnswerDelta[]): string => {
    let text = '';
    for (const delta of all) {
      if (delta.offset <= text.length && delta.offset + delta.text.length > text.length) {
        text = text.slice(0, delta.offset) + delta.text;
      }
    }
    return text;
  };

  return {
    publisher,
    kinds,
    published,
    local,
    stored: () => stored,
    empty: () => {
      stored = '';
    },
    refusals: () => refusals,
    deltas: () => deltas,
    shown,
  };
};

const gate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

const microtasks = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await null;
};

describe('the publisher of an answer', () => {
  test('[N4] each delta says its attempt and where it begins', async () => {
    const { publisher, published } = startPublisher();
    for (const piece of ['Hello', ', ', '😀', ' you']) {
      publisher.append(piece);
      await publisher.settled();
    }
    expect(published.map(({ offset, text, attempt }) => ({ offset, text, attempt }))).toEqual([
      { offset: 0, text: 'Hello', attempt: 2 },
      { offset: 5, text: ', ', attempt: 2 },
      { offset: 7, text: '😀', attempt: 2 },
      { offset: 9, text: ' you', attempt: 2 },
    ]);
    expect(publisher.text).toBe('Hello, 😀 you');
  });

  test('what comes while one is under way waits and goes out as one', async () => {
    const first = gate();
    const { publisher, published } = startPublisher(async (call): Promise<Fate> => {
      if (call === 0) await first.opened;
      return 'done';
    });
    for (const piece of ['a', 'b', 'c']) publisher.append(piece);
    expect(publisher.text).toBe('');
    first.open();
    await publisher.settled();
    expect(published.map(({ text }) => text)).toEqual(['a', 'bc']);
  });

  test('[N8] nothing stays behind, whenever it is appended', async () => {
    for (let turns = 0; turns < 30; turns += 1) {
      const { publisher, stored } = startPublisher();
      publisher.append('a');
      await microtasks(turns);
      publisher.append('b');
      await publisher.settled();
      expect({ turns, text: publisher.text, stored: stored() }).toEqual({ turns, text: 'ab', stored: 'ab' });
    }
  });

  test('[N10] a shared text that was emptied gets the whole text again', async () => {
    const { publisher, published, stored, empty } = startPublisher();
    publisher.append('one ');
    await publisher.settled();
    empty();
    publisher.append('two ');
    await publisher.settled();
    publisher.append('three');
    await publisher.settled();
    expect(published.map(({ offset, text }) => [offset, text])).toEqual([
      [0, 'one '],
      [0, 'one two '],
      [8, 'three'],
    ]);
    expect(stored()).toBe('one two three');
  });

  test('[N10] while the shared text is away this node’s subscribers get the text from its beginning', async () => {
    const { publisher, local, published, shown } = startPublisher((call) => (call < 3 ? 'not-done' : 'done'));
    for (const piece of ['a', 'b', 'c', 'd']) {
      publisher.append(piece);
      await publisher.settled();
    }
    expect(local.map(({ offset, text }) => [offset, text])).toEqual([
      [0, 'a'],
      [0, 'ab'],
      [0, 'abc'],
    ]);
    expect(shown(published)).toBe('abcd');
    expect(publisher.text).toBe('abcd');
  });

  test('[N10] when pub/sub is back, what it missed goes out without waiting for the next word', async () => {
    const { publisher, published, kinds } = startPublisher((call) => (call === 1 ? 'not-done' : 'done'));
    for (const piece of ['one ', 'two']) {
      publisher.append(piece);
      await publisher.settled();
    }
    for (let times = 0; times < 3; times += 1) {
      publisher.catchUp();
      await publisher.settled();
    }
    expect(kinds).toEqual(['append', 'append', 'set']);
    expect(published.at(-1)).toMatchObject({ offset: 0, text: 'one two' });
    publisher.stop();
    publisher.catchUp();
    expect(kinds).toHaveLength(3);
  });

  test('[N8] what was published without anyone knowing counts as seen', async () => {
    const { publisher, published } = startPublisher((call) => (call === 1 ? 'done-unheard' : 'done'));
    publisher.append('one ');
    publisher.append('two');
    await publisher.settled();
    publisher.stop();
    expect(published.map(({ text }) => text).join('')).toBe('one two');
    expect(publisher.text).toBe('one two');
  });

  test('[N7] a refusal ends it: what was refused is not part of the text', async () => {
    const { publisher, refusals, published } = startPublisher((call) => (call === 1 ? 'refused' : 'done'));
    publisher.append('one');
    await publisher.settled();
    publisher.append('two');
    publisher.append('three');
    await publisher.settled();
    publisher.append('four');
    await publisher.settled();
    expect(publisher.text).toBe('one');
    expect(published).toHaveLength(1);
    expect(refusals()).toBe(1);
  });

  test('[N12] a stop drops what waits, and keeps what is on its way', async () => {
    const first = gate();
    const { publisher, published } = startPublisher(async (): Promise<Fate> => {
      await first.opened;
      return 'done';
    });
    publisher.append('on its way');
    publisher.append(', waiting');
    publisher.stop();
    publisher.append(', late');
    const settled = publisher.settled();
    first.open();
    await settled;
    expect(publisher.text).toBe('on its way');
    expect(published.map(({ text }) => text)).toEqual(['on its way']);
  });

  test('[N12] a delta that fails after the stop is not shown here either', async () => {
    const first = gate();
    const { publisher, local } = startPublisher(async (): Promise<Fate> => {
      await first.opened;
      return 'not-done';
    });
    publisher.append('on its way');
    publisher.stop();
    first.open();
    await publisher.settled();
    expect(local).toEqual([]);
  });

  test('[N8] [N10] whatever fails, viewers here and elsewhere show a prefix of the text, and all of it once the last call is done', async () => {
    const fate = fc.constantFrom<Fate>('done', 'done', 'not-done', 'done-unheard');
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ piece: fc.string({ minLength: 1, maxLength: 4 }), turns: fc.nat(12) }), {
          minLength: 1,
          maxLength: 15,
        }),
        fc.array(fate, { maxLength: 20 }),
        fc.nat(15),
        async (steps, fates, emptiedAt) => {
          const { publisher, published, local, stored, empty, shown } = startPublisher(
            (call) => fates[call] ?? 'done',
          );
          for (const [at, { piece, turns }] of steps.entries()) {
            if (at === emptiedAt) empty();
            publisher.append(piece);
            await microtasks(turns);
          }
          // Past all the fates: this one is done.
          for (let more = 0; more < fates.length; more += 1) {
            await publisher.settled();
            publisher.append('.');
          }
          await publisher.settled();
          publisher.append('!');
          await publisher.settled();
          const whole = `${steps.map(({ piece }) => piece).join('')}${'.'.repeat(fates.length)}!`;
          expect(publisher.text).toBe(whole);
          expect(stored()).toBe(whole);
          for (const delta of [...published, ...local]) {
            expect(whole.startsWith(delta.text, delta.offset)).toBe(true);
          }
          // A viewer elsewhere misses what was lost until the next whole text; one here gets both.
          expect(whole.startsWith(shown(published))).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});

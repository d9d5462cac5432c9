import { describe, expect, test } from '@jest/globals';
import {
  type BroadcastDraft,
  emptyDraft,
  findProblems,
  parseUserIds,
  toContent,
} from '../../../web/src/admin/broadcast-draft.ts';
import { createBroadcastSender, type SentBroadcast } from '../../../web/src/admin/broadcast-sender.ts';
import { createKeptBroadcast } from '../../../web/src/admin/kept-broadcast.ts';
import type { Outcome } from '../../../web/src/admin/refusal.ts';
import type { BroadcastInput } from '../../../web/src/generated/graphql.ts';
import { eventually } from '../../support/eventually.ts';

const now = Date.parse('2030-01-31T12:00:00Z');
const draft = (change: Partial<BroadcastDraft>): BroadcastDraft => ({
  ...emptyDraft,
  text: 'Hello',
  ...change,
});

describe('the draft of a broadcast', () => {
  test('names users apart by spaces, commas and lines, each once', () => {
    expect(parseUserIds(' ada,bob\ncleo  ada;dan\t')).toEqual(['ada', 'bob', 'cleo', 'dan']);
  });

  test('to everyone for as long as the server says has neither users nor an end', () => {
    expect(toContent(draft({ named: 'ada' }), now)).toEqual({
      text: 'Hello',
      userIds: null,
      expiresAt: null,
    });
  });

  test('to some for a day has both', () => {
    expect(toContent(draft({ audience: 'named', named: 'ada', expiry: 'day' }), now)).toEqual({
      text: 'Hello',
      userIds: ['ada'],
      expiresAt: '2030-02-01T12:00:00.000Z',
    });
  });

  test('that is in order has no problem', () => {
    expect(findProblems(draft({ expiry: 'until', until: '2030-02-02T10:00' }), now)).toEqual({});
  });

  test.each<[string, Partial<BroadcastDraft>, string]>([
    ['without a text', { text: ' \n' }, 'text'],
    ['with too long a text', { text: 'a'.repeat(2_001) }, 'text'],
    ['for nobody', { audience: 'named', named: ' , ' }, 'userIds'],
    ['for too many', { audience: 'named', named: [...Array(1_001).keys()].join(' ') }, 'userIds'],
    ['until nothing', { expiry: 'until' }, 'expiresAt'],
    ['until a time that has passed', { expiry: 'until', until: '2029-01-31T12:00' }, 'expiresAt'],
  ])('%s has a problem at its field', (_what, change, field) => {
    expect(Object.keys(findProblems(draft(change), now))).toEqual([field]);
  });
});

const lost: Outcome<SentBroadcast> = {
  kind: 'refused',
  refusal: { code: 'NETWORK', message: 'No answer.', field: null, isUnsure: true },
};
const forbidden: Outcome<SentBroadcast> = {
  kind: 'refused',
  refusal: { code: 'FORBIDDEN', message: 'Admins only.', field: null, isUnsure: false },
};
const reached: Outcome<SentBroadcast> = {
  kind: 'done',
  value: {
    connectionCount: 3,
    broadcast: { id: 'b', text: 'Hello', at: '2030-01-31T12:00:00Z', expiresAt: '2030-02-28T12:00:00Z' },
  },
};

const createFakeStorage = () => {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
};

const setUp = (outcomes: Outcome<SentBroadcast>[], storage = createFakeStorage(), userId = 'ada') => {
  const inputs: BroadcastInput[] = [];
  const sent: SentBroadcast[] = [];
  let ids = 0;
  const sender = createBroadcastSender({
    send: async (input) => {
      inputs.push(input);
      return outcomes.shift() ?? lost;
    },
    onSent: (result) => sent.push(result),
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    kept: createKeptBroadcast(() => storage, userId),
  });
  const settled = () => eventually(() => sender.get().kind !== 'sending');
  return { sender, inputs, sent, storage, settled };
};

const content = { text: 'Hello', userIds: null, expiresAt: null };

describe('a broadcast on its way', () => {
  test('keeps its id over retries until it is known to be sent', async () => {
    const { sender, inputs, sent, settled } = setUp([lost, lost, reached]);
    sender.send(content);
    await settled();
    expect(sender.get().kind).toBe('unsure');
    sender.send({ ...content, text: 'Other' });
    sender.retry();
    await settled();
    sender.retry();
    await settled();
    expect(inputs).toEqual([1, 2, 3].map(() => ({ ...content, clientBroadcastId: 'id-1' })));
    expect(sender.get()).toEqual({ kind: 'sent', result: reached.kind === 'done' && reached.value });
    expect(sent).toHaveLength(1);
  });

  test('is sent once however often the button is pressed', async () => {
    const { sender, inputs, settled } = setUp([reached]);
    sender.send(content);
    sender.send(content);
    await settled();
    expect(inputs).toHaveLength(1);
  });

  test('gets a new id after a refusal, which leaves nothing behind', async () => {
    const { sender, inputs, storage, settled } = setUp([forbidden, reached]);
    sender.send(content);
    await settled();
    expect(sender.get().kind).toBe('refused');
    expect(storage.items.size).toBe(0);
    sender.send(content);
    await settled();
    expect(inputs.map(({ clientBroadcastId }) => clientBroadcastId)).toEqual(['id-1', 'id-2']);
  });

  test('is still unsure after the page was left, and keeps its id', async () => {
    const before = setUp([lost]);
    before.sender.send(content);
    await before.settled();
    const after = setUp([reached], before.storage);
    expect(after.sender.get()).toMatchObject({ kind: 'unsure', refusal: null });
    after.sender.retry();
    await after.settled();
    expect(after.inputs).toEqual(before.inputs);
    expect(before.storage.items.size).toBe(0);
  });

  test('is nothing to another admin', async () => {
    const before = setUp([lost]);
    before.sender.send(content);
    await before.settled();
    expect(setUp([], before.storage, 'bob').sender.get().kind).toBe('idle');
  });

  test('can be given up', async () => {
    const { sender, storage, settled } = setUp([lost]);
    sender.send(content);
    await settled();
    sender.discard();
    expect(sender.get().kind).toBe('idle');
    expect(storage.items.size).toBe(0);
  });

  test('needs no storage that works, and believes none that holds something else', () => {
    const broken = createKeptBroadcast(() => {
      throw new Error('switched off');
    }, 'ada');
    expect(broken.load()).toBeNull();
    expect(() => broken.save({ ...content, clientBroadcastId: 'id' })).not.toThrow();
    for (const text of [
      '',
      '{',
      '{}',
      'null',
      '{"clientBroadcastId":1,"text":"x","userIds":null,"expiresAt":null}',
    ]) {
      expect(
        createKeptBroadcast(() => ({ ...createFakeStorage(), getItem: () => text }), 'ada').load(),
      ).toBeNull();
    }
  });
});

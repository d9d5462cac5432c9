import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { newUserId, startTestApp, type TestApp } from '../../support/test-app.ts';
import { type Heard, hear, meet, say } from './sockets.ts';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { EDAGENT_SUBSCRIPTIONS_PER_CONNECTION: '100' } });
});

afterAll(() => app.dispose());

const subscribers = 200;

describe('the seam', () => {
  test('[L4] [L3] 200 subscriptions that begin while messages flow get each of them once, in order', async () => {
    const token = await meet(app, newUserId('ada'));
    const { conversationId, cursor } = await say(app, token, '0');
    let sent = 1;
    const over = new AbortController();
    const flow = (async () => {
      while (!over.signal.aborted) {
        await say(app, token, String(sent), { conversationId });
        sent += 1;
      }
    })();
    const clients = [1, 2, 3, 4].map(() => app.stockClient(token));
    const all: { readonly heard: Heard; readonly from: number }[] = [];
    for (let index = 0; index < subscribers; index++) {
      const client = clients[index % clients.length];
      if (!client) throw new Error('no client');
      // From the beginning, from where another one stands, or live only.
      const other = all.at(-20)?.heard;
      const isOtherReady = other?.of('Ready').length === 1;
      const kind = isOtherReady ? index % 3 : index % 2;
      const topic = `conversation:${conversationId}`;
      const after = kind === 0 ? [cursor] : kind === 2 && other ? [other.cursor(topic)] : [];
      const from = kind === 0 ? 0 : Number.NaN;
      all.push({ heard: hear(client, { conversationId, after }), from });
      if (index % 10 === 9) await eventually(() => all.at(-8)?.heard.of('Ready')[0]);
    }
    await Promise.all(all.map(({ heard }) => heard.ready()));
    over.abort();
    await flow;
    const last = await say(app, token, 'last', { conversationId });
    await eventually(() => all.every(({ heard }) => heard.texts().at(-1) === 'last'));
    expect(last.conversationId).toBe(conversationId);

    const whole = [...Array.from({ length: sent }, (_, index) => String(index)), 'last'];
    for (const { heard, from } of all) {
      const texts = heard.texts();
      expect(texts).toEqual(whole.slice(-texts.length));
      if (from === 0) expect(texts).toEqual(whole);
      expect(heard.of('Ready')).toHaveLength(1);
      expect(heard.of('Resync')).toEqual([]);
    }
    // There was something to lose while they began.
    expect(sent).toBeGreaterThan(10);
  }, 40_000);
});

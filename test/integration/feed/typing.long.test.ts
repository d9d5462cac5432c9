import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { createScriptedTutor } from '../../support/scripted-tutor.ts';
import { testDatabaseUrl, testRedisUrl } from '../../support/services.ts';
import { createEmptyPostgres } from '../../support/stores.ts';
import {
  collect,
  newUserId,
  startTestApp,
  type TestApp,
  type TestAppOptions,
} from '../../support/test-app.ts';
import { change, meet, say } from './sockets.ts';

const typingDocument = /* GraphQL */ `
  subscription Typing($conversationId: ID!) {
    typing(conversationId: $conversationId) { conversationId author { kind id name } isTyping expiresAt }
  }
`;

interface TypingEvent {
  readonly author: { readonly kind: string; readonly id: string; readonly name: string };
  readonly isTyping: boolean;
  readonly expiresAt: string;
}

const tutor = createScriptedTutor((call) => call.say('So far'));

const follow = (app: TestApp, token: string, conversationId: string) => {
  const collected = collect(app.stockClient(token), typingDocument, { conversationId });
  const events = (): TypingEvent[] =>
    collected.results.map(({ data, errors }) => {
      if (errors) throw new Error(JSON.stringify(errors));
      return data?.typing as TypingEvent;
    });
  return {
    ...collected,
    events,
    said: () => events().map(({ author, isTyping }) => `${author.name} ${isTyping}`),
  };
};

interface Place {
  readonly apps: readonly [TestApp, TestApp];
  dispose(): Promise<void>;
}

const embedded = async (): Promise<Place> => {
  const app = await startTestApp({ tutor });
  return { apps: [app, app], dispose: () => app.dispose() };
};

const cluster = async (): Promise<Place> => {
  const database = await createEmptyPostgres();
  const redisUrl = testRedisUrl();
  if (!database || redisUrl === null) throw new Error('there are no services for tests');
  const options: TestAppOptions = {
    tutor,
    cluster: { databaseUrl: database.url, redisUrl, prefix: `test:${randomUUID()}:` },
  };
  const apps = [await startTestApp(options), await startTestApp(options)] as const;
  return {
    apps,
    async dispose() {
      await Promise.all(apps.map((app) => app.dispose()));
      await database.dispose();
    },
  };
};

const suite = (name: string, create: () => Promise<Place>): void =>
  describe(`typing on ${name}`, () => {
    let place: Place;
    beforeAll(async () => {
      place = await create();
    });
    afterAll(() => place.dispose());

    /** Ada here and Bob there, in one conversation. */
    const begin = async () => {
      const [here, there] = place.apps;
      const [ada, bob] = [newUserId('ada'), newUserId('bob')];
      const [adas, bobs] = [await meet(here, ada), await meet(there, bob)];
      const { conversationId } = await say(here, adas, 'Hello');
      await change(
        here,
        adas,
        `addParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`,
      );
      const type = (isTyping: boolean) =>
        change(there, bobs, `setTyping(conversationId: "${conversationId}", isTyping: ${isTyping})`);
      return { here, there, ada, bob, adas, bobs, conversationId, type };
    };

    test('[T2] the present typist comes first', async () => {
      const { here, adas, bob, conversationId, type } = await begin();
      await type(true);
      const typing = follow(here, adas, conversationId);
      await eventually(() => typing.events().length > 0);
      expect(typing.events()[0]).toMatchObject({ author: { kind: 'LEARNER', id: bob }, isTyping: true });
    });

    if (name === 'one node') {
      test('[T1] ends after 6 s when nobody ends it', async () => {
        const { here, adas, conversationId, type } = await begin();
        await type(true);
        const typing = follow(here, adas, conversationId);
        await eventually(() => typing.events().length > 0);
        const begun = performance.now();
        await eventually(() => typing.events().some(({ isTyping }) => !isTyping));
        expect(performance.now() - begun).toBeGreaterThan(5_000);
      });
    }

    test('[T4] over plain HTTP, without a connection, all requests of a user are of one device', async () => {
      const { here, adas, bob, conversationId, type } = await begin();
      await type(true);
      const typing = follow(here, adas, conversationId);
      await eventually(() => typing.events().length > 0);
      await type(true);
      await type(false);
      await eventually(() => typing.said().at(-1) === `${bob} false`, { timeoutMs: 3_000 });
    });

    test('[T4] begins and ceases as told, for each connection', async () => {
      const { here, there, adas, bobs, bob, conversationId } = await begin();
      const typing = follow(here, adas, conversationId);
      // Not lazy: each keeps its one connection.
      const [phone, laptop] = [
        there.stockClient(bobs, { lazy: false }),
        there.stockClient(bobs, { lazy: false }),
      ];
      const set = async (client: typeof phone, isTyping: boolean): Promise<void> => {
        const document = `mutation { setTyping(conversationId: "${conversationId}", isTyping: ${isTyping}) }`;
        await new Promise<void>((resolve, reject) => {
          client.subscribe({ query: document }, { next: () => {}, error: reject, complete: resolve });
        });
      };
      await eventually(async () => {
        await set(phone, true);
        return typing.said().length > 0;
      });
      await set(laptop, true);
      await set(phone, false);
      expect(typing.said()).not.toContain(`${bob} false`);
      await set(laptop, false);
      await eventually(() => typing.said().at(-1) === `${bob} false`);
    });

    test('[T3] the tutor types from the start of an answer to its end', async () => {
      const { here, there, adas, bobs, conversationId } = await begin();
      const early = follow(here, adas, conversationId);
      const calls = tutor.calls.length;
      const asked = await say(there, bobs, 'A question', { conversationId, answer: true });
      await eventually(() => early.said().includes('Tutor true'));
      const late = follow(there, bobs, conversationId);
      await eventually(() => late.said()[0] === 'Tutor true');
      const call = await tutor.call(calls);
      call.finish();
      await eventually(() => early.said().at(-1) === 'Tutor false' && late.said().at(-1) === 'Tutor false');
      expect(asked.answerId).not.toBeNull();
    });

    test('[A8] [A3] the removed hear nothing more, and others nothing at all', async () => {
      const { here, there, adas, bobs, bob, conversationId } = await begin();
      const typing = follow(there, bobs, conversationId);
      await eventually(async () => {
        await change(here, adas, `setTyping(conversationId: "${conversationId}", isTyping: true)`);
        return typing.events().length > 0;
      });
      await change(
        here,
        adas,
        `removeParticipant(conversationId: "${conversationId}", userId: "${bob}") { id }`,
      );
      expect(await typing.ended).toEqual({ kind: 'complete' });
      const again = collect(there.stockClient(bobs), typingDocument, { conversationId });
      await again.ended;
      expect(again.results[0]?.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
      const { errors } = await there.query(
        bobs,
        `mutation { setTyping(conversationId: "${conversationId}", isTyping: true) }`,
      );
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
    });
  });

suite('one node', embedded);
if (testDatabaseUrl() === null || testRedisUrl() === null) describe.skip('typing on two nodes', () => {});
else suite('two nodes', cluster);

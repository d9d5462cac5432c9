import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { type RedisServer, startRedis, withRedis } from '../../support/redis-servers.ts';
import { type Viewer, watch } from '../../support/viewer.ts';
import {
  type Asked,
  type Cluster,
  createCluster,
  createLearner,
  type Learner,
  startTutoredApp,
  type TutoredApp,
} from './app-world.ts';
import { hasServices } from './service-world.ts';

const describeWithServices = hasServices() ? describe : describe.skip;

describeWithServices('answers while Redis comes and goes', () => {
  let redis: RedisServer;
  let cluster: Cluster;
  /** Makes the answers. */
  let here: TutoredApp;
  let there: TutoredApp;
  let ada: Learner;
  const viewers: Viewer[] = [];

  beforeAll(async () => {
    redis = await startRedis();
    cluster = await createCluster(redis.url);
    [here, there] = await Promise.all([
      startTutoredApp({ cluster }),
      // It looks for answers to make so seldom that it leaves them to the other.
      startTutoredApp({ cluster, env: { EDAGENT_LEASE: '60s' } }),
    ]);
    ada = await createLearner(here);
  });
  afterAll(async () => {
    redis.resume();
    await Promise.all([here.dispose(), there.dispose()]);
    await cluster.dispose();
    await redis.dispose();
  });
  afterEach(() => {
    for (const viewer of viewers.splice(0)) {
      viewer.stop();
      expect(viewer.violations).toEqual([]);
    }
  });

  /** An answer of which both nodes' viewers show the beginning. */
  const begin = async (text: string) => {
    const index = here.tutor.calls.length;
    const asked = await ada.ask(here);
    const model = await here.tutor.call(index);
    const [near, far] = [ada.watch(here, asked), ada.watch(there, asked)];
    viewers.push(near, far);
    model.say(text);
    for (const viewer of [near, far]) await viewer.shows(asked.answerId, text, 1);
    return { asked, model, near, far };
  };

  const expectEverywhere = async (asked: Asked, end: { __typename: string; text: string }) => {
    for (const viewer of viewers) expect(await viewer.end(asked.answerId)).toMatchObject(end);
    for (const node of [here, there]) expect(await ada.closed(node, asked)).toMatchObject({ text: end.text });
  };

  test('[N10] a Redis that was emptied in the middle gets the whole text again', async () => {
    const { asked, model, near, far } = await begin('one ');
    await withRedis(redis.port, (client) => client.flushall());
    model.say('two ');
    for (const viewer of [near, far]) await viewer.shows(asked.answerId, 'one two ', 1);
    const late = watch(there.client(ada.token), asked.conversationId);
    viewers.push(late);
    await late.ready();
    await late.shows(asked.answerId, 'one two ', 1);
    model.say('three');
    model.finish();
    await expectEverywhere(asked, { __typename: 'AnswerFinished', text: 'one two three' });
  });

  test('[N10] without Redis the answer grows for viewers of its node, and for all again when it is back', async () => {
    const { asked, model, near, far } = await begin('one ');
    await redis.kill();
    model.say('two ');
    await near.shows(asked.answerId, 'one two ', 1);
    expect(far.answer(asked.answerId).text).toBe('one ');
    await redis.restart();
    // The model says nothing meanwhile.
    await far.shows(asked.answerId, 'one two ', 1);
    model.say('three');
    for (const viewer of [near, far]) await viewer.shows(asked.answerId, 'one two three', 1);
    model.finish();
    await expectEverywhere(asked, { __typename: 'AnswerFinished', text: 'one two three' });
  });

  test('[N10] [N12] without Redis an answer ends for everyone, and a stop on another node reaches its producer within 2 s', async () => {
    const finished = await begin('one ');
    const stopped = await begin('uno ');
    await redis.kill();
    finished.model.say('two');
    finished.model.finish();
    const stoppedAt = performance.now();
    await ada.stop(there, stopped.asked.answerId);
    await eventually(() => stopped.model.state === 'left', { timeoutMs: 2_000 });
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    for (const viewer of [finished.near, finished.far]) {
      expect(await viewer.end(finished.asked.answerId)).toMatchObject({ text: 'one two' });
    }
    for (const viewer of [stopped.near, stopped.far]) {
      expect(await viewer.end(stopped.asked.answerId)).toMatchObject({
        __typename: 'AnswerStopped',
        text: 'uno ',
      });
    }
    await redis.restart();
  });

  test('[N10] a Redis that froze, and did late what was given up, doubles nothing', async () => {
    const { asked, model, near, far } = await begin('one ');
    redis.pause();
    model.say('two ');
    // Given up after 2 s.
    await near.shows(asked.answerId, 'one two ', 1);
    redis.resume();
    model.say('three');
    await near.shows(asked.answerId, 'one two three', 1);
    await far.shows(asked.answerId, 'one two three', 1);
    model.finish();
    await expectEverywhere(asked, { __typename: 'AnswerFinished', text: 'one two three' });
  });
});

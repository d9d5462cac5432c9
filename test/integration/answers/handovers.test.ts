import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Cluster, createCluster, createLearner, startTutoredApp, type TutoredApp } from './app-world.ts';
import { hasServices } from './service-world.ts';

const describeWithServices = hasServices() ? describe : describe.skip;

describeWithServices('a rolling restart', () => {
  let cluster: Cluster;
  const apps: TutoredApp[] = [];
  const start = async (): Promise<TutoredApp> => {
    const app = await startTutoredApp({ cluster, env: { EDAGENT_ANSWER_MAX_ATTEMPTS: '1' } });
    apps.push(app);
    return app;
  };

  beforeAll(async () => {
    cluster = await createCluster();
  });
  afterAll(async () => {
    await Promise.all(apps.map((app) => app.dispose()));
    await cluster.dispose();
  });

  test('[N11] [N18] of three nodes in turn leaves an answer to the fourth, which finishes it', async () => {
    let app = await start();
    const ada = await createLearner(app);
    const asked = await ada.ask(app);
    for (const text of ['One', 'Two', 'Three']) {
      (await app.tutor.call(0)).say(text);
      const next = await start();
      const viewer = ada.watch(next, asked);
      await viewer.shows(asked.answerId, text, apps.length - 1);
      viewer.stop();
      await app.dispose();
      app = next;
    }
    const viewer = ada.watch(app, asked);
    const last = await app.tutor.call(0);
    last.say('Four.');
    last.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({ __typename: 'AnswerFinished', text: 'Four.' });
    const types = viewer.typesOf(asked.answerId).filter((type) => type !== 'AnswerDelta');
    expect(types).toEqual(['MessageAdded', 'AnswerStarted', 'AnswerFinished']);
    viewer.stop();
    expect(viewer.violations).toEqual([]);
    expect(await ada.closed(app, asked)).toMatchObject({ answer: { state: 'FINISHED', attempt: 4 } });
  });
});

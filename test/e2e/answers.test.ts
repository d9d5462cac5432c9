import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type Cluster,
  createCluster,
  createLearner,
  type Learner,
  startTutoredApp,
  type TutoredApp,
  toNodeEnv,
} from '../integration/answers/app-world.ts';
import { hasServices } from '../integration/answers/service-world.ts';
import { eventually } from '../support/eventually.ts';
import { type NodeProcess, startNodeProcess } from '../support/node-process.ts';
import { type OpenAiServer, startOpenAiServer } from '../support/openai-server.ts';
import { createScriptedTutor } from '../support/scripted-tutor.ts';
import { postQuery, testSecret } from '../support/test-app.ts';
import type { Viewer } from '../support/viewer.ts';

const describeWithServices = hasServices() ? describe : describe.skip;

/** Where messages go that a process shall answer. */
const at = ({ url }: NodeProcess) => ({
  query: (token: string | null, document: string, variables?: Record<string, unknown>) =>
    postQuery(url, token, document, variables),
});

describeWithServices('answers of nodes that are processes', () => {
  /** What the processes' model says, call by call. */
  const model = createScriptedTutor();
  let server: OpenAiServer;
  let cluster: Cluster;
  /** Frozen first, killed then. A busy machine does not hold it up for as long as its lease. */
  let mortal: NodeProcess;
  /** Its lease outlasts a stop. */
  let slow: NodeProcess;
  let stays: TutoredApp;
  let ada: Learner;
  const viewers: Viewer[] = [];

  beforeAll(async () => {
    const context = { learner: { id: '', name: '', profile: { goals: '', level: '', interests: [] } } };
    server = await startOpenAiServer({
      script: ({ body }) => {
        const text = body.messages?.at(-1)?.content ?? '';
        const turns = [{ from: 'LEARNER', name: '', text }] as const;
        return { tokens: (signal, tell) => model.reply({ ...context, turns }, signal, tell) };
      },
    });
    cluster = await createCluster();
    const env = {
      ...toNodeEnv(cluster),
      EDAGENT_JWT_SECRET: testSecret,
      OPENAI_BASE_URL: server.url,
      EDAGENT_LOG_LEVEL: 'error',
    };
    [mortal, slow, stays] = await Promise.all([
      startNodeProcess({ ...env, EDAGENT_LEASE: '1500ms' }),
      startNodeProcess({ ...env, EDAGENT_LEASE: '6s' }),
      startTutoredApp({ cluster }),
    ]);
    ada = await createLearner(stays);
  }, 30_000);

  afterAll(async () => {
    // Some are missing when the beginning failed.
    for (const part of [mortal, slow, stays, server, cluster] as (
      | { dispose(): Promise<void> }
      | undefined
    )[]) {
      await part?.dispose();
    }
  });

  afterEach(() => {
    for (const viewer of viewers.splice(0)) {
      viewer.stop();
      expect(viewer.violations).toEqual([]);
    }
  });

  /** The node that stays may claim first: then it makes that one, and the process is asked again. */
  const claimedBy = async (node: NodeProcess) => {
    const index = model.calls.length;
    for (;;) {
      const asked = await ada.ask(at(node));
      const call = await eventually(() => model.calls[index] ?? stays.tutor.calls[taken]);
      if (model.calls.length > index) return { asked, call };
      taken += 1;
      call.finish();
    }
  };

  /** An answer that this process makes, of which a viewer on the node that stays shows the beginning. */
  const beginAt = async (node: NodeProcess, text: string) => {
    const { asked, call } = await claimedBy(node);
    const viewer = ada.watch(stays, asked);
    viewers.push(viewer);
    call.say(text);
    await viewer.shows(asked.answerId, text, 1);
    return { asked, call, viewer };
  };

  /** The node that stays makes it from now on. */
  const takenOver = async () => {
    const call = await stays.tutor.call(taken, { timeoutMs: 5_000 });
    taken += 1;
    return call;
  };
  let taken = 0;

  test('[N7] [N11] a node that froze is overtaken, and what it still says when it comes back counts nowhere', async () => {
    const { asked, call, viewer } = await beginAt(mortal, 'Old ');
    mortal.freeze();
    const again = await takenOver();
    again.say('New ');
    await viewer.shows(asked.answerId, 'New ', 2);
    call.say('text that comes late.');
    call.finish();
    mortal.thaw();
    // It is awake, has heard its model, and makes answers again.
    const next = await beginAt(mortal, 'Next.');
    next.call.finish();
    expect(await next.viewer.end(next.asked.answerId)).toMatchObject({ text: 'Next.' });
    await viewer.shows(asked.answerId, 'New ', 2);
    again.say('text.');
    again.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({
      __typename: 'AnswerFinished',
      text: 'New text.',
    });
    const types = viewer.typesOf(asked.answerId).filter((type) => type !== 'AnswerDelta');
    expect(types).toEqual(['MessageAdded', 'AnswerStarted', 'AnswerFinished']);
    expect(await ada.closed(stays, asked)).toMatchObject({ text: 'New text.', answer: { attempt: 2 } });
  });

  test('[N11] when a node is killed another begins its answers anew within 5 s, and makes those behind them', async () => {
    const { asked, viewer } = await beginAt(mortal, 'Old text');
    const behind = await ada.ask(at(mortal), { conversationId: asked.conversationId, text: 'And then?' });
    const killedAt = performance.now();
    await mortal.kill();
    const again = await takenOver();
    again.say('New');
    await viewer.shows(asked.answerId, 'New', 2);
    expect(performance.now() - killedAt).toBeLessThan(5_000);
    expect(viewer.deltas(asked.answerId).find(({ attempt }) => attempt === 2)?.offset).toBe(0);
    again.say(' text.');
    again.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({
      __typename: 'AnswerFinished',
      text: 'New text.',
    });
    const last = await takenOver();
    expect(last.question).toBe('And then?');
    last.say('Then this.');
    last.finish();
    expect(await viewer.end(behind.answerId)).toMatchObject({ text: 'Then this.' });
    for (const id of [asked.answerId, behind.answerId]) {
      const types = viewer.typesOf(id).filter((type) => type !== 'AnswerDelta');
      expect(types).toEqual(['MessageAdded', 'AnswerStarted', 'AnswerFinished']);
    }
  });

  test('[N13] [N20] a stop that its producer does not carry out is carried out by another node after 2 s, with all that was shown', async () => {
    const { asked, call, viewer } = await beginAt(slow, 'So far');
    await eventually(async () => (await ada.answers(stays, asked.conversationId))[0]?.text === 'So far');
    call.say(', not stored yet');
    const text = 'So far, not stored yet';
    await viewer.shows(asked.answerId, text, 1);
    slow.freeze();
    const stoppedAt = performance.now();
    expect(await ada.stop(stays, asked.answerId)).toMatchObject({ answer: { state: 'GENERATING' } });
    const end = await viewer.end(asked.answerId, { timeoutMs: 5_000 });
    expect(performance.now() - stoppedAt).toBeGreaterThan(1_900);
    expect(end).toMatchObject({ __typename: 'AnswerStopped', text });
    call.say(', and late');
    slow.thaw();
    await eventually(() => server.requests.at(-1)?.aborted);
    expect(await ada.closed(stays, asked)).toMatchObject({ text, answer: { state: 'STOPPED' } });
    expect(stays.tutor.calls).toHaveLength(taken);
  });

  test('[N11] a process that is told to stop gives its answers back and ends by itself', async () => {
    const { asked, viewer } = await beginAt(slow, 'Old');
    const stopped = slow.stop();
    const again = await takenOver();
    again.say('New.');
    again.finish();
    expect(await viewer.end(asked.answerId)).toMatchObject({ __typename: 'AnswerFinished', text: 'New.' });
    await stopped;
  });
});

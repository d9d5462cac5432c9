import { setMaxListeners } from 'node:events';
import { sleep } from '../../src/util/sleep.ts';
import { createRandom, type Random } from '../support/random.ts';
import { ApiError, documents, postOperation } from './api.ts';
import { createDeviceKinds } from './device-kind.ts';
import type { Recorder } from './history.ts';
import { createLearner, type Learner } from './learner.ts';
import type { World } from './world.ts';

/** All learners of a run, and the admin. */
export interface Cast {
  readonly learners: readonly Learner[];
  /** Everyone has a conversation and is subscribed. */
  begin(): Promise<void>;
  /** Everyone does things until `pause`; resolves when what was begun is done. */
  play(): void;
  pause(): Promise<void>;
  dispose(): Promise<void>;
}

export interface CastOptions {
  readonly seed: number;
  readonly learnerCount: number;
  /** Of one learner, from one thing to the next, on average. */
  readonly thinkMs: number;
  /** From one removal, block or disconnection to the next. */
  readonly authorityEveryMs: number;
  readonly world: World;
  readonly recorder: Recorder;
}

const retryEveryMs = 500;
const attempts = 120;
const admin = 'admin';
const awayMs = 4_000;
const beginAtOnce = 10;

export const createCast = (options: CastOptions): Cast => {
  const { seed, learnerCount, thinkMs, authorityEveryMs, world, recorder } = options;
  const over = new AbortController();
  const { signal } = over;
  // Everyone waits for it.
  setMaxListeners(0, signal);
  const kindOf = createDeviceKinds(seed);
  const learners = Array.from({ length: learnerCount }, (_, index) =>
    createLearner({
      userId: `learner-${index}`,
      index,
      kindOf,
      world,
      recorder,
      random: createRandom(seed * 7_919 + index),
      signal,
    }),
  );
  const friendOf = (index: number): Learner => learners[(index + 1) % learnerCount] as Learner;
  const running: Promise<void>[] = [];

  /** On the way of an owner or the admin, again until it is acknowledged. */
  const insist = async (
    userId: string,
    query: string,
    variables: Record<string, unknown>,
  ): Promise<boolean> => {
    const role = userId === admin ? 'admin' : 'learner';
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { host } = world.networks[attempt % world.networks.length] as { host: string };
      try {
        await postOperation(host, await world.token(userId, { role }), query, variables);
        return true;
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTemporary) return false;
        await sleep(retryEveryMs);
      }
    }
    return false;
  };

  const share = async (index: number): Promise<void> => {
    const owner = learners[index] as Learner;
    const friend = friendOf(index);
    const [conversationId] = owner.conversations;
    if (!conversationId || friend === owner) return;
    recorder.add({ kind: 'participant-add-called', conversationId, userId: friend.userId });
    if (await insist(owner.userId, documents.add, { id: conversationId, userId: friend.userId })) {
      await friend.join(conversationId);
    }
  };

  const removeFriend = async (index: number): Promise<void> => {
    const owner = learners[index] as Learner;
    const { userId } = friendOf(index);
    const [conversationId] = owner.conversations;
    if (
      !conversationId ||
      friendOf(index).isBlocked ||
      !friendOf(index).conversations.includes(conversationId)
    )
      return;
    if (await insist(owner.userId, documents.remove, { id: conversationId, userId })) {
      recorder.add({ kind: 'removal-acknowledged', conversationId, userId });
      friendOf(index).leave(conversationId);
      await sleep(awayMs);
    }
    await share(index);
  };

  const block = async (learner: Learner): Promise<void> => {
    if (learner.isBlocked) return;
    const { userId } = learner;
    learner.isBlocked = true;
    recorder.add({ kind: 'block-called', userId });
    if (await insist(admin, documents.block, { userId, blocked: true })) {
      recorder.add({ kind: 'block-acknowledged', userId });
      await sleep(awayMs * 2);
      recorder.add({ kind: 'unblock-called', userId });
      await insist(admin, documents.block, { userId, blocked: false });
    }
    learner.isBlocked = false;
    // A client that was told 4401 stays away for good: its user opens it anew.
    await Promise.all(learner.devices.map((_, slot) => learner.reload(slot)));
  };

  const disconnect = async ({ userId }: Learner): Promise<void> => {
    if (await insist(admin, documents.disconnect, { userId }))
      recorder.add({ kind: 'disconnect-acknowledged', userId });
  };

  const announce = (random: Random): Promise<boolean> => {
    const id = `b-${random.int(1_000_000_000)}`;
    return insist(admin, documents.broadcast, { input: { clientBroadcastId: id, text: `News ${id}` } });
  };

  const live = async (learner: Learner, random: Random): Promise<void> => {
    await sleep(random.int(thinkMs), signal);
    while (!signal.aborted) {
      await learner.act();
      await sleep(thinkMs * (0.5 + random.next()), signal);
    }
  };

  const govern = async (random: Random): Promise<void> => {
    while (!signal.aborted) {
      await sleep(authorityEveryMs, signal);
      if (signal.aborted) return;
      const index = random.int(learnerCount);
      const roll = random.next();
      // Only those with an even number share.
      if (roll < 0.5) running.push(removeFriend(index - (index % 2)));
      else if (roll < 0.75) running.push(block(learners[index] as Learner));
      else if (roll < 0.9) await disconnect(learners[index] as Learner);
      else await announce(random);
    }
  };

  return {
    learners,
    async begin() {
      for (let at = 0; at < learnerCount; at += beginAtOnce) {
        await Promise.all(learners.slice(at, at + beginAtOnce).map((learner) => learner.begin()));
      }
      for (let index = 0; index < learnerCount; index += 2) await share(index);
    },
    play() {
      running.push(govern(createRandom(seed * 31 + 5)));
      for (const [index, learner] of learners.entries()) {
        running.push(live(learner, createRandom(seed * 104_729 + index)));
      }
    },
    async pause() {
      over.abort();
      // Some that are done have begun others.
      while (running.length > 0) await Promise.all(running.splice(0));
    },
    async dispose() {
      over.abort();
      await Promise.all(learners.map((learner) => learner.dispose()));
    },
  };
};

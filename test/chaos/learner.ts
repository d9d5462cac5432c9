import { sleep } from '../../src/util/sleep.ts';
import type { Random } from '../support/random.ts';
import { ApiError, type Data, documents } from './api.ts';
import { createDevice, type Device } from './device.ts';
import type { DeviceKind } from './device-kind.ts';
import type { Recorder } from './history.ts';
import type { World } from './world.ts';

/** A learner with two devices and conversations, some of them shared; what it does next depends on the seed alone. */
export interface Learner {
  readonly userId: string;
  readonly devices: readonly Device[];
  /** The conversations that it takes part in; the first is its own. */
  readonly conversations: readonly string[];
  /** Blocked: it does nothing, and its devices are closed. */
  isBlocked: boolean;
  begin(): Promise<void>;
  join(conversationId: string): Promise<void>;
  /** Its subscriptions are ended by the server, not by itself. */
  leave(conversationId: string): void;
  /** One thing that a learner does. */
  act(): Promise<void>;
  /** A device is closed and opened again with nothing remembered. */
  reload(slot: number): Promise<void>;
  dispose(): Promise<void>;
}

export interface LearnerOptions {
  readonly userId: string;
  readonly index: number;
  /** Of all devices of the run, those of the learners one after the other. */
  readonly kindOf: (device: number) => DeviceKind;
  readonly world: World;
  readonly recorder: Recorder;
  readonly random: Random;
  readonly signal: AbortSignal;
}

const retryEveryMs = 700;
/** Beyond any fault that the plan may hold. */
const patienceMs = 75_000;
const deviceCount = 2;

export const createLearner = (options: LearnerOptions): Learner => {
  const { userId, index, kindOf, world, recorder, random, signal } = options;
  const conversations: string[] = [];
  const devices: Device[] = [];
  const generations = Array.from({ length: deviceCount }, () => 0);
  let sends = 0;
  let last: {
    conversationId: string;
    clientMessageId: string;
    text: string;
    answerId: string | null;
  } | null = null;

  const makeDevice = (slot: number): Device => {
    const generation = (generations[slot] ?? 0) + 1;
    generations[slot] = generation;
    const device = createDevice({
      name: `${userId}-${'ab'[slot]}${generation}`,
      userId,
      kind: kindOf(index * deviceCount + slot),
      // A quarter of them see the end of their token, some several times.
      tokenTtlMs: (index + slot) % 4 === 0 ? 15_000 + random.int(30_000) : 3_600_000,
      signal,
      world,
      recorder,
      random,
    });
    devices[slot] = device;
    return device;
  };

  /** The same request until there is a reply, as an app does in the background. Null when it was refused or given up. */
  const persist = async <T>(attempt: () => Promise<T>): Promise<T | null> => {
    const deadline = performance.now() + patienceMs;
    while (performance.now() < deadline && !self.isBlocked) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof ApiError) || !error.isTemporary) return null;
        await sleep(retryEveryMs);
      }
    }
    return null;
  };

  const pickDevice = (): Device => random.pick(devices);
  const wayOf = () => (random.chance(0.3) ? 'socket' : 'http');

  const openOn = async (device: Device, slot: number): Promise<void> => {
    if (slot === 0) device.followUser();
    for (const conversationId of conversations) {
      await persist(async () => {
        if (devices[slot] === device) await device.openConversation(conversationId);
      });
    }
    const own = conversations[0];
    if (slot === 1 && own && index % 3 === 0 && devices[slot] === device) device.followTyping(own);
  };

  const send = async (conversationId: string, again = false): Promise<void> => {
    const device = pickDevice();
    const isRepeat = again && last !== null;
    const clientMessageId = isRepeat && last ? last.clientMessageId : `${userId}-m${++sends}`;
    const target = isRepeat && last ? last.conversationId : conversationId;
    const text =
      isRepeat && last
        ? last.text
        : `What is ${random.int(90)} times ${random.int(90)}? [${clientMessageId}]`;
    const whileAnswering = isRepeat
      ? 'WAIT'
      : random.pick(['WAIT', 'WAIT', 'WAIT', 'WAIT', 'INTERRUPT', 'REFUSE']);
    const input = { clientMessageId, conversationId: target, text, whileAnswering };
    const way = wayOf();
    await persist(async () => {
      const called = { client: device.name, clientMessageId } as const;
      recorder.add({ kind: 'send-called', ...called, conversationId: target, text });
      let reply: Data;
      try {
        reply = (await device.request(documents.send, { input }, way)).sendMessage;
      } catch (error) {
        recorder.add({
          kind: 'send-failed',
          ...called,
          code: error instanceof ApiError ? error.code : 'LOST',
        });
        throw error;
      }
      if (reply.__typename !== 'SendMessageSuccess') {
        recorder.add({ kind: 'send-failed', ...called, code: reply.__typename });
        return;
      }
      const { message, answer, conversation, cursor } = reply;
      const answerId = answer?.id ?? null;
      recorder.add({
        kind: 'send-acknowledged',
        ...called,
        conversationId: conversation.id,
        messageId: message.id,
        answerId,
        text: message.text,
        cursor,
      });
      last = { conversationId: target, clientMessageId, text, answerId };
    });
  };

  const stop = async (messageId: string): Promise<void> => {
    const device = pickDevice();
    await persist(async () => {
      recorder.add({ kind: 'stop-called', client: device.name, messageId });
      await device.request(documents.stop, { id: messageId });
      recorder.add({ kind: 'stop-acknowledged', client: device.name, messageId });
    });
  };

  const sendAndMaybeStop = async (conversationId: string): Promise<void> => {
    await send(conversationId);
    if (!random.chance(0.3)) return;
    await sleep(200 + random.int(2_500), signal);
    if (last?.answerId) await stop(last.answerId);
  };

  const retry = async (): Promise<void> => {
    const retryOf = last?.answerId;
    if (!retryOf) return;
    const device = pickDevice();
    const clientRetryId = `${userId}-r${++sends}`;
    await persist(async () => {
      const { retryAnswer } = await device.request(documents.retry, {
        input: { clientRetryId, messageId: retryOf },
      });
      if (retryAnswer.__typename !== 'RetryAnswerSuccess') return;
      const answerId: string = retryAnswer.answer.id;
      recorder.add({ kind: 'retry-acknowledged', client: device.name, clientRetryId, retryOf, answerId });
    });
  };

  const type = async (conversationId: string): Promise<void> => {
    const device = pickDevice();
    const signalTyping = async (isTyping: boolean) => {
      recorder.add({ kind: 'typing-called', client: device.name, conversationId, isTyping });
      await device.request(documents.typing, { id: conversationId, isTyping }).catch(() => {});
    };
    await signalTyping(true);
    await sleep(500 + random.int(2_000), signal);
    // Half of them go away in the middle of a word.
    if (random.chance(0.5)) await signalTyping(false);
  };

  const markRead = async (conversationId: string): Promise<void> => {
    const messageId = last?.answerId;
    if (!messageId || last?.conversationId !== conversationId) return;
    const device = pickDevice();
    await persist(async () => {
      await device.request(documents.read, { id: conversationId, messageId });
      recorder.add({ kind: 'read-acknowledged', client: device.name, conversationId, messageId });
    });
  };

  const self: Learner = {
    userId,
    devices,
    conversations,
    isBlocked: false,
    async begin() {
      for (let slot = 0; slot < deviceCount; slot++) makeDevice(slot);
      const created = await persist(() => pickDevice().request(documents.create, { id: `${userId}-c` }));
      if (created === null) throw new Error(`${userId} has no conversation`);
      conversations.push(created.createConversation.id);
      await Promise.all(devices.map(openOn));
    },
    async join(conversationId) {
      if (!conversations.includes(conversationId)) conversations.push(conversationId);
      await Promise.all(devices.map(openOn));
    },
    leave(conversationId) {
      const at = conversations.indexOf(conversationId);
      if (at !== -1) conversations.splice(at, 1);
    },
    async act() {
      const conversationId = random.chance(0.7) ? conversations[0] : random.pick(conversations);
      if (self.isBlocked || conversationId === undefined) return;
      const roll = random.next();
      if (roll < 0.62) await sendAndMaybeStop(conversationId);
      else if (roll < 0.72) await type(conversationId);
      else if (roll < 0.82) await markRead(conversationId);
      else if (roll < 0.9) await retry();
      else if (roll < 0.96) await send(conversationId, true);
      else await self.reload(random.int(deviceCount));
    },
    async reload(slot) {
      const old = devices[slot];
      await old?.retire();
      // Reloaded by another fault meanwhile: nobody would ever retire one of the two that took its place.
      if (devices[slot] !== old || (signal.aborted && self.isBlocked)) return;
      await openOn(makeDevice(slot), slot);
    },
    async dispose() {
      await Promise.all(devices.map((device) => device.retire()));
    },
  };
  return self;
};

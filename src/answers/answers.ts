import type { Feeds } from '../feed/port.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { AnswerLease, Store } from '../store/port.ts';
import type { Tutor } from '../tutor/port.ts';
import type { Log } from '../util/log.ts';
import { createCheckpoints } from './checkpoints.ts';
import { createClaims } from './claims.ts';
import { createDeltaClock } from './delta-clock.ts';
import { createHeartbeat } from './heartbeat.ts';
import type { AnswerHooks, Answers } from './port.ts';
import { createProducer, type Producer, type ProducerOptions } from './producer.ts';
import { createUnmade } from './unmade.ts';

export interface AnswersOptions
  extends AnswerHooks,
    Pick<ProducerOptions, 'maxTextLength' | 'maxDurationMs'> {
  readonly nodeId: string;
  readonly store: Store;
  readonly pubsub: PubSub;
  readonly feeds: Feeds;
  readonly tutor: Tutor;
  readonly tutorName: string;
  readonly log: Log;
  /** @default 3 */
  readonly maxAttempts?: number;
  /** Answers that this node makes at the same time. @default 500 */
  readonly maxInProgress?: number;
  /** @default 3000 */
  readonly leaseMs?: number;
}

export const createAnswers = async (options: AnswersOptions): Promise<Answers> => {
  const { nodeId, store, pubsub, feeds, log } = options;
  const { maxAttempts = 3, maxInProgress = 500, leaseMs = 3_000 } = options;
  const producers = new Map<string, Producer>();
  const deltaClock = createDeltaClock();
  const checkpoints = createCheckpoints(store);
  const unmade = createUnmade({ store, pubsub, feeds, maxAttempts });
  let draining: Promise<void> | null = null;

  const hasRoom = (): boolean => draining === null && producers.size + claims.count() < maxInProgress;

  const produce = (lease: AnswerLease, isStopped: boolean): void => {
    const producer = createProducer({ ...options, deltaClock, lease });
    producers.set(lease.messageId, producer);
    if (isStopped) producer.stop();
    void producer.done.then(() => {
      // Those that are handed over stay known until they are released, otherwise a beat takes them for strays, and their
      // attempts for lost.
      if (draining === null) producers.delete(lease.messageId);
      // The next one of this conversation may wait for this end.
      heartbeat.scanSoon();
    });
  };

  const tellWaiting = (messageId: string): void => {
    pubsub.publish('control', { kind: 'answer-waiting', messageId }).catch(() => {});
  };

  const claims = createClaims({
    nodeId,
    store,
    feeds,
    unmade,
    maxAttempts,
    mayClaim: (messageId) => hasRoom() && heartbeat.isLeased() && !producers.has(messageId),
    onLease: produce,
  });

  const claimHere = (messageId: string): void => {
    claims.claim(messageId).catch((error: unknown) => {
      log.warn({ err: error, messageId }, 'an answer waits: it could not be claimed');
    });
  };

  const wake = (messageId: string): void => {
    // A node that goes makes nothing more, and others would not look for it before their next beat.
    if (draining) tellWaiting(messageId);
    else claimHere(messageId);
  };

  /** False when the answer is not made here, as far as is known. */
  const stopHere = (messageId: string): boolean => {
    claims.noteStop(messageId);
    const producer = producers.get(messageId);
    producer?.stop();
    return producer !== undefined;
  };

  const tellStopping = (conversationId: string, messageIds: readonly string[]): void => {
    for (const messageId of messageIds) {
      feeds.announceStopping(conversationId, messageId);
      if (stopHere(messageId)) continue;
      pubsub.publish('control', { kind: 'answer-stopping', messageId }).catch(() => {});
    }
  };

  // A lease before the first claim: what a node without one holds may be taken over.
  await store.nodes.renew(nodeId, leaseMs);
  const heartbeat = createHeartbeat({
    nodeId,
    store,
    log,
    leaseMs,
    producers,
    checkpoints,
    claims,
    unmade,
    hasRoom,
  });

  const handOver = async (): Promise<void> => {
    await claims.settled();
    const ended = [...producers.values()];
    for (const producer of ended) producer.giveBack();
    await Promise.all(ended.map(({ done }) => done));
    // Before the leases are given back, otherwise the last checkpoints come too late. Closed ones are not changed by either.
    await checkpoints.save(ended).catch(() => {});
    const leases = ended.map(({ lease }) => lease);
    await store.answers.release(leases, { handedOver: true }).catch((error: unknown) => {
      log.warn({ err: error }, 'leases could not be given back; they end by themselves');
    });
    producers.clear();
    for (const { lease } of ended) tellWaiting(lease.messageId);
  };

  const drain = (): Promise<void> => {
    draining ??= handOver();
    return draining;
  };

  const offUp = pubsub.onUp(() => {
    for (const producer of producers.values()) producer.catchUp();
  });

  const dispose = async (offControl: () => void): Promise<void> => {
    await drain();
    await heartbeat.stop();
    offUp();
    offControl();
    await store.nodes.end(nodeId).catch(() => {});
  };

  const hearControl = (): Promise<() => void> =>
    pubsub.subscribe('control', (message) => {
      if (message.kind === 'answer-waiting') claimHere(message.messageId);
      else if (message.kind === 'answer-stopping') stopHere(message.messageId);
    });

  const offControl = await hearControl().catch(async (error: unknown) => {
    await dispose(() => {});
    throw error;
  });

  return {
    wake,
    tellStopping,
    async endUnmade(messageIds) {
      for (const messageId of messageIds) {
        await unmade.close(messageId).catch((error: unknown) => {
          log.warn({ err: error, messageId }, 'an answer that nobody makes could not be ended yet');
        });
      }
    },
    async requestStop(viewerId, messageId) {
      const outcome = await store.answers.requestStop(messageId, viewerId);
      if (outcome.kind !== 'done') return outcome;
      feeds.announce(outcome.placed);
      if (outcome.stopping) tellStopping(outcome.result.conversationId, [messageId]);
      if (outcome.isUnmade) await unmade.close(messageId);
      if (!outcome.stopping) heartbeat.scanSoon();
      if (!outcome.isUnmade) return outcome;
      const result = await store.messages.find(messageId, viewerId);
      return result ? { ...outcome, result } : { kind: 'not-found' };
    },
    async retry(viewer, input) {
      const outcome = await store.answers.retry({ viewer, ...input, tutorName: options.tutorName });
      if (outcome.kind === 'created') {
        feeds.announce(outcome.placed);
        wake(outcome.result.answer.id);
      }
      return outcome;
    },
    inProgress: () => producers.size,
    drain,
    dispose: () => dispose(offControl),
  };
};

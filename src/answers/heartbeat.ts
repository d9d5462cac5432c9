import { EdAgentError } from '../domain/errors.ts';
import type { Beat, HeldAnswer, Store } from '../store/port.ts';
import type { Log } from '../util/log.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Claims } from './claims.ts';
import type { Producer } from './producer.ts';
import type { Unmade } from './unmade.ts';

/**
 * Renews the node's lease, learns of lost leases and of stops, closes stops that nobody carried out, claims what nobody makes,
 * and stores checkpoints: once every third of a lease, by one statement while there is nothing of all this to do.
 *
 * A node takes over from others only after its own link to the store and its event loop were well for one full lease:
 * otherwise the first to come back after an outage of the store would take over from all the others.
 */
export interface Heartbeat {
  /** Something may be claimable now. */
  scanSoon(): void;
  /** Whether this node's lease holds. Without one, what it claims is taken from it at once. */
  isLeased(): boolean;
  stop(): Promise<void>;
}

export interface HeartbeatOptions {
  readonly nodeId: string;
  readonly store: { readonly answers: Pick<Store['answers'], 'beat' | 'claimable' | 'release'> };
  readonly log: Log;
  readonly leaseMs: number;
  readonly producers: ReadonlyMap<string, Producer>;
  readonly checkpoints: Checkpoints;
  readonly claims: Claims;
  readonly unmade: Unmade;
  /** Whether the node can make one more. */
  readonly hasRoom: () => boolean;
}

/** A stop that its producer did not carry out in this time is carried out by any node. */
const stopOverdueMs = 2_000;
/** A holder that cannot renew goes on this long. */
const holdWithoutRenewalMs = 30_000;
const pageSize = 50;
const answersAtOnce = 5;

export const createHeartbeat = (options: HeartbeatOptions): Heartbeat => {
  const { nodeId, store, log, leaseMs, producers, checkpoints, claims, unmade, hasRoom } = options;
  const everyMs = leaseMs / 3;
  let timer: NodeJS.Timeout | undefined;
  let beating: Promise<void> | null = null;
  let isStopped = false;
  let scanning: Promise<void> | null = null;
  let closing: Promise<void> | null = null;
  let scanAgain = false;
  let lastBeat = performance.now();
  /** The caller has just begun the lease. */
  let lastRenewal = performance.now();
  /** Since when store and event loop have been well; null: not now. */
  let wellSince: number | null = null;

  const isWell = (): boolean => wellSince !== null && performance.now() - wellSince >= leaseMs;

  const review = (reviewed: readonly Producer[], held: readonly HeldAnswer[]): void => {
    const known = new Map(held.map((answer) => [answer.messageId, answer]));
    for (const producer of reviewed) {
      const answer = known.get(producer.lease.messageId);
      if (answer?.generation !== producer.lease.generation) producer.abandon();
      else if (answer.isStopping) producer.stop();
    }
  };

  /**
   * A live node's answers are nobody else's to make, so one that it holds and does not make would hang for ever: after a
   * claim whose commit was not heard of, or a producer that gave up.
   */
  const giveBackStrays = async (
    reviewed: readonly Producer[],
    held: readonly HeldAnswer[],
  ): Promise<void> => {
    // Made when the store was asked: what ended or was handed over meanwhile is none; what gave up is one at the next beat.
    const made = new Set(reviewed.map(({ lease }) => lease.messageId));
    // After the store was asked: what was claimed meanwhile is under way or being made by now.
    const strays = held.filter(
      ({ messageId }) => !made.has(messageId) && !producers.has(messageId) && !claims.has(messageId),
    );
    if (strays.length === 0) return;
    log.warn(
      { messageIds: strays.map(({ messageId }) => messageId) },
      'answers that stood still are begun anew',
    );
    // An attempt is lost with each, otherwise one that breaks every producer would be begun for ever.
    await store.answers.release(strays, { handedOver: false });
  };

  const claimOne = async (messageId: string): Promise<boolean> => {
    try {
      const outcome = await claims.claim(messageId);
      // Its end may let the next one of the conversation begin.
      if (outcome === 'closed') scanAgain = true;
      return outcome !== 'none';
    } catch (error) {
      if (error instanceof EdAgentError) throw error;
      // One that cannot be claimed must not keep the others from it.
      log.error({ err: error, messageId }, 'an answer could not be claimed');
      return false;
    }
  };

  const claimPage = async (): Promise<void> => {
    const waiting = await store.answers.claimable(pageSize, { orphans: isWell() });
    let claimed = 0;
    for (let at = 0; at < waiting.length && !isStopped; at += answersAtOnce) {
      const outcomes = await Promise.all(waiting.slice(at, at + answersAtOnce).map(claimOne));
      claimed += outcomes.filter(Boolean).length;
    }
    if (waiting.length === pageSize && claimed > 0) scanAgain = true;
  };

  const claimAll = async (): Promise<void> => {
    while (scanAgain && !isStopped) {
      scanAgain = false;
      if (hasRoom()) await claimPage();
    }
  };

  const scan = (): void => {
    if (isStopped) return;
    scanAgain = true;
    scanning ??= claimAll()
      .catch((error: unknown) =>
        log.debug({ err: error }, 'the store cannot be asked for waiting answers yet'),
      )
      .finally(() => {
        scanning = null;
      });
  };

  const closeAll = async (messageIds: readonly string[]): Promise<void> => {
    for (let at = 0; at < messageIds.length && !isStopped; at += answersAtOnce) {
      const closed = await Promise.all(messageIds.slice(at, at + answersAtOnce).map(unmade.close));
      if (closed.includes(true)) scan();
    }
  };

  /** What is not closed now is overdue at the next beat too. */
  const closeOverdue = (messageIds: readonly string[]): void => {
    closing ??= closeAll(messageIds)
      .catch((error: unknown) => log.warn({ err: error }, 'a stop that is overdue could not be carried out'))
      .finally(() => {
        closing = null;
      });
  };

  const renew = async (): Promise<Beat> => {
    const now = performance.now();
    // A beat that comes this late was held up by the event loop, or the whole process was frozen.
    if (now - lastBeat > leaseMs) wellSince = null;
    lastBeat = now;
    const told = await store.answers.beat(nodeId, { leaseMs, stopOverdueMs });
    lastRenewal = now;
    wellSince ??= performance.now();
    return told;
  };

  const beat = async (): Promise<void> => {
    try {
      // Before the store is asked, otherwise what is claimed meanwhile would seem to be lost.
      const reviewed = [...producers.values()];
      const { held, overdueStops, isAnyClaimable } = await renew();
      review(reviewed, held);
      await giveBackStrays(reviewed, held);
      await checkpoints.save(producers.values());
      // Neither is waited for: many answers, or a link that hangs, take longer than the lease lasts.
      closeOverdue(overdueStops);
      // Asked anew there: others may have renewed their leases since.
      if (isAnyClaimable) scan();
    } catch (error) {
      wellSince = null;
      log.warn({ err: error }, 'the lease of this node could not be renewed');
      if (performance.now() - lastRenewal > holdWithoutRenewalMs) {
        for (const producer of producers.values()) producer.abandon();
      }
    }
  };

  const schedule = (delayMs: number): void => {
    if (isStopped) return;
    timer = setTimeout(() => {
      beating = beat().finally(() => schedule(everyMs));
    }, delayMs);
  };

  beating = beat().finally(() => schedule(everyMs));

  return {
    scanSoon: scan,
    isLeased: () => performance.now() - lastRenewal < leaseMs,
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await beating;
      await closing;
      await scanning;
    },
  };
};

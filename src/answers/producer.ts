import {
  type AnswerFailure,
  type AnswerUsage,
  type ClosedState,
  type FailureCode,
  toFailure,
} from '../domain/answer.ts';
import { EdAgentError } from '../domain/errors.ts';
import type { Feeds } from '../feed/port.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { AnswerLease, Store } from '../store/port.ts';
import { type Tutor, type TutorContext, TutorError } from '../tutor/port.ts';
import type { Log } from '../util/log.ts';
import { sleep } from '../util/sleep.ts';
import type { DeltaClock } from './delta-clock.ts';
import { createMerger } from './merger.ts';
import type { AnswerHooks } from './port.ts';
import { createAnswerPublisher } from './publisher.ts';

/**
 * One attempt at one answer.
 *
 *     making ──(model ends)──▶ closing FINISHED ──▶ done
 *       │ ├──(model fails)───▶ closing FAILED ────▶ done
 *       │ └──(stop)──────────▶ closing STOPPED ───▶ done      a stop while closing makes it STOPPED
 *       └──(abandon: the lease is lost or given back)──▶ done, nothing written
 *
 * Only `finishEarly` changes `end`. Whatever ends it without a close leaves its lease behind: the heartbeat gives that back.
 */
export interface Producer {
  readonly lease: AnswerLease;
  /** The stop is committed: the answer ends with what is published so far. */
  stop(): void;
  /** The lease is lost: nothing more is published or written. */
  abandon(): void;
  /** The node goes: what is being closed is closed if the store takes it now, all else is abandoned. */
  giveBack(): void;
  /** Pub/sub is back. */
  catchUp(): void;
  /** What was published since the last checkpoint; `commit` when it is stored. One at a time. */
  checkpoint(): Checkpoint | null;
  /** Never rejects. */
  readonly done: Promise<void>;
}

export interface Checkpoint {
  readonly offset: number;
  readonly text: string;
  commit(): void;
}

export interface ProducerOptions extends AnswerHooks {
  readonly lease: AnswerLease;
  readonly store: Pick<Store, 'answers' | 'messages' | 'users'>;
  readonly pubsub: Pick<PubSub, 'answerTexts'>;
  readonly feeds: Pick<Feeds, 'acceptDelta' | 'announce'>;
  readonly tutor: Tutor;
  /** Of the node. */
  readonly deltaClock: DeltaClock;
  readonly log: Log;
  /**
   * A model that writes more than this many UTF-16 code units never ends: the answer fails. In UTF-8 they stay below
   * the bound of a socket. @default 250_000
   */
  readonly maxTextLength?: number;
  /** So does one that takes longer than this. @default 15 minutes */
  readonly maxDurationMs?: number;
}

/** Messages of the conversation that are read for the tutor; it takes of them what fits its budget. */
const historyLimit = 200;
const storeRetryMs = 500;

const isStoreAway = (error: unknown): boolean =>
  error instanceof EdAgentError && error.code === 'UNAVAILABLE';

export const createProducer = (options: ProducerOptions): Producer => {
  const { lease, store, pubsub, feeds, tutor, log } = options;
  const { maxTextLength = 250_000, maxDurationMs = 15 * 60_000 } = options;
  const { messageId } = lease;
  const begin = performance.now();
  /** Ends the call of the model. */
  const model = new AbortController();
  /** Ends the waiting for the store. */
  const patience = new AbortController();
  let end: 'none' | 'stop' | 'abandon' = 'none';
  let isClosing = false;
  let usage: AnswerUsage | null = null;
  let checkpointed = 0;

  const publisher = createAnswerPublisher({
    lease,
    pubsub,
    feeds,
    log,
    onRefused: () => finishEarly('abandon'),
    onDelta: () => options.onDelta?.(),
  });
  const merger = createMerger({ clock: options.deltaClock, onText: (text) => publisher.append(text) });

  const finishEarly = (how: 'stop' | 'abandon'): void => {
    if (end === 'abandon') return;
    end = how;
    merger.dispose();
    publisher.stop();
    model.abort();
    if (how === 'abandon') patience.abort();
  };

  /** Read through a function: it changes while `run` waits. */
  const isEnd = (how: typeof end): boolean => end === how;

  const failModel = (code: FailureCode, message: string): void => model.abort(new TutorError(code, message));

  /** While the store is away the producer waits for it; its holder abandons it when that takes too long. */
  const untilStored = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    while (!isEnd('abandon')) {
      try {
        return await work();
      } catch (error) {
        if (!isStoreAway(error)) throw error;
        log.warn({ err: error, messageId }, `${what}: waiting for the store`);
        await sleep(storeRetryMs, patience.signal);
        if (patience.signal.aborted) return null;
      }
    }
    return null;
  };

  const loadContext = async (): Promise<TutorContext> => {
    const [learner, messages] = await Promise.all([
      store.users.find(lease.askedBy),
      store.messages.historyUpTo(lease.inReplyTo, historyLimit),
    ]);
    const profile = learner?.profile ?? { goals: '', level: '', interests: [] };
    return {
      learner: { id: lease.askedBy, name: learner?.name ?? lease.askedBy, profile },
      turns: messages.map(({ author, text }) => ({ from: author.kind, name: author.name, text })),
      onUsage: (used) => {
        usage = used;
      },
    };
  };

  const createTakeText = (): ((piece: string) => void) => {
    let length = 0;
    return (piece) => {
      if (length === 0) options.onFirstToken?.(performance.now() - begin);
      length += piece.length;
      if (length <= maxTextLength) merger.push(piece);
      else failModel('TUTOR_INTERRUPTED', `the answer is longer than ${maxTextLength} characters`);
    };
  };

  const makeInTime = async (context: TutorContext): Promise<void> => {
    const timer = setTimeout(() => {
      failModel('TUTOR_TIMEOUT', `the answer was not complete in ${maxDurationMs} ms`);
    }, maxDurationMs);
    try {
      await tutor.reply(context, model.signal, createTakeText());
    } finally {
      clearTimeout(timer);
    }
  };

  const toTutorFailure = (error: unknown): AnswerFailure => {
    if (error instanceof TutorError) {
      log.warn({ err: error, messageId, code: error.code }, 'the tutor failed');
      return toFailure(error.code);
    }
    log.error({ err: error, messageId }, 'an answer failed for a reason of our own');
    return toFailure('INTERNAL');
  };

  const close = async (made: AnswerFailure | null): Promise<void> => {
    isClosing = true;
    if (isEnd('none')) merger.flush();
    await publisher.settled();
    // A stop dropped what was not published yet, so that the text may be a part only.
    const isStopped = isEnd('stop');
    const failure = isStopped ? null : made;
    const state: ClosedState = isStopped ? 'STOPPED' : failure ? 'FAILED' : 'FINISHED';
    const { generation } = lease;
    const closing = { messageId, generation, state, text: publisher.text, failure, usage };
    const committed = await untilStored('closing an answer', () => store.answers.close(closing));
    if (!committed?.result.closed) return;
    feeds.announce(committed.placed);
    options.onClosed?.();
    await pubsub.answerTexts.close(messageId).catch(() => {});
  };

  const make = async (): Promise<AnswerFailure | null> => {
    try {
      const context = await untilStored('loading a conversation', loadContext);
      if (context && isEnd('none')) await makeInTime(context);
      return null;
    } catch (error) {
      return isEnd('none') ? toTutorFailure(error) : null;
    }
  };

  const run = async (): Promise<void> => {
    const failure = await make();
    if (!isEnd('abandon')) await close(failure);
  };

  const done = run()
    .catch((error: unknown) => log.error({ err: error, messageId }, 'a producer broke'))
    .finally(() => {
      merger.dispose();
      publisher.stop();
    });

  return {
    lease,
    stop: () => finishEarly('stop'),
    abandon: () => finishEarly('abandon'),
    giveBack() {
      if (isClosing) patience.abort();
      else finishEarly('abandon');
    },
    catchUp: publisher.catchUp,
    checkpoint() {
      const offset = checkpointed;
      const text = publisher.text.slice(offset);
      if (text === '') return null;
      return {
        offset,
        text,
        commit: () => {
          checkpointed = offset + text.length;
        },
      };
    },
    done,
  };
};

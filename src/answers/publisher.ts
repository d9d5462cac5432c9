import type { AnswerDelta } from '../domain/events.ts';
import type { Feeds } from '../feed/port.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { AnswerLease } from '../store/port.ts';
import type { Log } from '../util/log.ts';

/**
 * Publishes the text of one attempt, one delta after the other in order. Holds the whole text, so that a shared store of
 * texts that was emptied gets it again; while pub/sub is away, the subscribers of this node still see it grow.
 */
export interface AnswerPublisher {
  /** All that viewers can have seen. */
  readonly text: string;
  append(text: string): void;
  /** Pub/sub is back: what it missed goes out now, without waiting for the model's next word. */
  catchUp(): void;
  /** Resolves when all that was appended is published, or never will be. */
  settled(): Promise<void>;
  /** Nothing more is published; what waits is dropped. */
  stop(): void;
}

export interface AnswerPublisherOptions {
  readonly lease: AnswerLease;
  readonly pubsub: Pick<PubSub, 'answerTexts'>;
  readonly feeds: Pick<Feeds, 'acceptDelta'>;
  readonly log: Log;
  /** A higher attempt is known: this one must end. */
  readonly onRefused: () => void;
  readonly onDelta: () => void;
}

export const createAnswerPublisher = (options: AnswerPublisherOptions): AnswerPublisher => {
  const { lease, pubsub, feeds, log, onRefused, onDelta } = options;
  let published = '';
  let waiting = '';
  let running: Promise<void> | null = null;
  let isStopped = false;
  /** The shared text may miss something: hand over all of it the next time. */
  let mustSet = false;

  const toDelta = (offset: number, text: string): AnswerDelta => ({
    messageId: lease.messageId,
    conversationId: lease.conversationId,
    attempt: lease.attempt,
    startedSeq: lease.startedSeq,
    offset,
    text,
  });

  const hand = async (piece: string): Promise<'ok' | 'refused'> => {
    if (!mustSet) {
      const appended = await pubsub.answerTexts.append(toDelta(published.length, piece));
      if (appended.kind === 'refused') return 'refused';
      if (appended.length === published.length + piece.length) return 'ok';
    }
    // The shared text was emptied, or missed what was made while it was away.
    const set = await pubsub.answerTexts.set(toDelta(0, published + piece));
    if (set.kind === 'refused') return 'refused';
    mustSet = false;
    return 'ok';
  };

  const publish = async (piece: string): Promise<void> => {
    try {
      if ((await hand(piece)) === 'refused') {
        isStopped = true;
        onRefused();
        return;
      }
    } catch (error) {
      log.debug({ err: error, messageId: lease.messageId }, 'a delta reaches only this node');
      mustSet = true;
      // From the beginning, because a delta before it may have been lost on its way back to this node.
      if (!isStopped) feeds.acceptDelta(toDelta(0, published + piece));
    }
    // A failed one too: what may have been published counts as seen.
    published += piece;
    onDelta();
  };

  const publishWaiting = async (): Promise<void> => {
    try {
      do {
        const piece = waiting;
        waiting = '';
        await publish(piece);
      } while (waiting !== '' && !isStopped);
    } finally {
      // In the tick of the last look at `waiting`, otherwise what is appended between the two stays behind.
      running = null;
    }
  };

  return {
    get text() {
      return published;
    },
    append(text) {
      if (isStopped || text === '') return;
      waiting += text;
      running ??= publishWaiting();
    },
    catchUp() {
      if (mustSet && !isStopped) running ??= publishWaiting();
    },
    async settled() {
      while (running) await running;
    },
    stop() {
      isStopped = true;
      waiting = '';
    },
  };
};

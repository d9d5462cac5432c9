import { type AnswerDelta, isAnswerClosedEvent, type StoredEvent } from '../domain/events.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { Store } from '../store/port.ts';
import type { Log } from '../util/log.ts';
import { createProgressTable, type Progress } from './progress.ts';

/** Follows the answers in progress of one conversation: their starts and ends by the log, their texts by deltas. */
export interface AnswersInProgress {
  get(messageId: string): Progress | undefined;
  /** Those whose AnswerStarted is at or below this position. */
  started(position: number): Progress[];
  /** An event passed the feed. */
  follow(event: StoredEvent, seq: number): void;
  accept(delta: AnswerDelta, position: number): void;
  stopping(messageId: string): void;
  /** Deltas may have been lost, and the model may be silent now: reads the texts again. */
  readAgain(): void;
  /** Forgets all and reads them from the store. Rejects when the store is away: call it again. */
  load(): Promise<void>;
  close(): void;
}

export interface AnswersInProgressOptions {
  readonly conversationId: string;
  readonly store: Pick<Store, 'answers'>;
  readonly pubsub: Pick<PubSub, 'answerTexts'>;
  readonly log: Log;
  /** There is more text, or another one, than before. */
  readonly onText: (progress: Progress) => void;
}

interface KnownText {
  readonly attempt: number;
  readonly text: string;
}

export const createAnswersInProgress = (options: AnswersInProgressOptions): AnswersInProgress => {
  const { conversationId, store, pubsub, log, onText } = options;
  const table = createProgressTable();
  /** By answer: whether a delta showed a gap since the running read began. */
  const rereading = new Map<string, boolean>();
  /** What ended, or must be shown no more, since the running read of the store began: what it reads may be older. */
  let endedMeanwhile: Set<string> | null = null;
  let isClosed = false;

  const tell = (messageId: string): void => {
    const progress = table.get(messageId);
    if (progress) onText(progress);
  };

  const readShared = (messageId: string): Promise<KnownText | null> =>
    pubsub.answerTexts.read(messageId).catch(() => null);

  const readCheckpoint = async (messageId: string): Promise<KnownText | null> => {
    const open = await store.answers.openIn(conversationId);
    return open.find((answer) => answer.messageId === messageId) ?? null;
  };

  /** The shared text, or while that is away the checkpoint. */
  const reread = async (messageId: string): Promise<void> => {
    if (rereading.has(messageId)) {
      rereading.set(messageId, true);
      return;
    }
    try {
      do {
        rereading.set(messageId, false);
        const read = (await readShared(messageId)) ?? (await readCheckpoint(messageId));
        if (isClosed) return;
        if (read && table.rewrite(messageId, read)) tell(messageId);
      } while (rereading.get(messageId));
    } catch (error) {
      log.debug({ err: error, messageId }, 'the text of an answer could not be read again yet');
    } finally {
      rereading.delete(messageId);
    }
  };

  const loadText = async (messageId: string): Promise<void> => {
    const shared = await readShared(messageId);
    if (isClosed) return;
    if (shared) table.rewrite(messageId, shared);
    tell(messageId);
  };

  return {
    get: table.get,
    started: table.started,
    follow(event, seq) {
      if (event.type === 'AnswerStarted') {
        table.start({ messageId: event.messageId, startedSeq: seq, attempt: 0, text: '' });
        // Deltas that came before it were kept for now.
        tell(event.messageId);
      } else if (isAnswerClosedEvent(event)) {
        table.end(event.messageId);
        endedMeanwhile?.add(event.messageId);
      }
    },
    accept(delta, position) {
      const effect = table.accept(delta, position);
      if (effect === 'grown') tell(delta.messageId);
      else if (effect === 'gap') void reread(delta.messageId);
    },
    stopping(messageId) {
      table.stopping(messageId);
      endedMeanwhile?.add(messageId);
    },
    readAgain() {
      for (const { messageId } of table.started(Number.MAX_SAFE_INTEGER)) void reread(messageId);
    },
    async load() {
      table.clear();
      const ended = new Set<string>();
      endedMeanwhile = ended;
      try {
        const open = await store.answers.openIn(conversationId);
        if (isClosed) return;
        const alive = open.filter(({ messageId }) => !ended.has(messageId));
        for (const answer of alive) table.start(answer);
        await Promise.all(alive.map(({ messageId }) => loadText(messageId)));
      } finally {
        if (endedMeanwhile === ended) endedMeanwhile = null;
      }
    },
    close() {
      isClosed = true;
      table.clear();
    },
  };
};

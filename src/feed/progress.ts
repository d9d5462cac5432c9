import type { AnswerDelta } from '../domain/events.ts';

/**
 * The answers in progress of one conversation, as one node knows them.
 *
 * The text of an attempt only grows. A delta of a lower attempt, or of an answer that ended, is dropped; one that begins
 * beyond the known text shows that something was lost: the text must be read again.
 */
export interface Progress {
  readonly messageId: string;
  readonly attempt: number;
  readonly text: string;
  /** The end of the text that came last: what most viewers have not been told yet, without a copy of all before it. */
  readonly tail: string;
  readonly startedSeq: number;
  /** Raised when the text was read again: viewers then get it from offset 0. */
  readonly rewrites: number;
  /** A stop is committed: nothing of it is shown any more. */
  readonly isStopping: boolean;
}

export type DeltaEffect =
  /** The text grew (or a new attempt began): tell the viewers. */
  | 'grown'
  /** Nothing new: an echo, a lower attempt, an answer that ended. */
  | 'dropped'
  /** Something between is missing: read the text again. */
  | 'gap';

export interface ProgressTable {
  get(messageId: string): Progress | undefined;
  /** Those whose AnswerStarted is at or below this position. */
  started(position: number): Progress[];
  /** `position`: of the feed; a delta of an answer that started at or below it and is not known has ended. */
  accept(delta: AnswerDelta, position: number): DeltaEffect;
  /** AnswerStarted passed, or the answer was in progress when it was read from the store. */
  start(answer: { messageId: string; startedSeq: number; attempt: number; text: string }): void;
  end(messageId: string): void;
  stopping(messageId: string): void;
  /** Puts in a text that was read again; false when it tells nothing new. */
  rewrite(messageId: string, read: { attempt: number; text: string }): boolean;
  clear(): void;
}

type Entry = { -readonly [Key in keyof Progress]: Progress[Key] };

export const createProgressTable = (): ProgressTable => {
  const table = new Map<string, Entry>();

  const enter = (messageId: string, startedSeq: number): Entry => {
    const entry = { messageId, attempt: 0, text: '', tail: '', startedSeq, rewrites: 0, isStopping: false };
    table.set(messageId, entry);
    return entry;
  };

  const replace = (entry: Entry, { attempt, text }: { attempt: number; text: string }): void => {
    entry.attempt = attempt;
    entry.text = text;
    entry.tail = text;
  };

  /** Whether a text that was read says more than the known one. */
  const isNews = (known: Progress, read: { attempt: number; text: string }): boolean =>
    read.attempt > known.attempt || (read.attempt === known.attempt && read.text.length > known.text.length);

  return {
    get: (messageId) => table.get(messageId),
    started: (position) => [...table.values()].filter(({ startedSeq }) => startedSeq <= position),
    accept(delta, position) {
      const known = table.get(delta.messageId);
      if (!known && delta.startedSeq <= position) return 'dropped';
      const entry = known ?? enter(delta.messageId, delta.startedSeq);
      if (delta.attempt < entry.attempt) return 'dropped';
      if (delta.attempt > entry.attempt) {
        entry.attempt = delta.attempt;
        entry.text = '';
      }
      if (delta.offset > entry.text.length) return 'gap';
      const overlap = entry.text.length - delta.offset;
      if (delta.text.length <= overlap) return 'dropped';
      entry.tail = delta.text.slice(overlap);
      entry.text += entry.tail;
      return 'grown';
    },
    start(answer) {
      const entry = table.get(answer.messageId) ?? enter(answer.messageId, answer.startedSeq);
      if (!isNews(entry, answer)) return;
      replace(entry, answer);
    },
    end(messageId) {
      table.delete(messageId);
    },
    stopping(messageId) {
      const entry = table.get(messageId);
      if (entry) entry.isStopping = true;
    },
    rewrite(messageId, read) {
      const entry = table.get(messageId);
      if (!entry || !isNews(entry, read)) return false;
      replace(entry, read);
      entry.rewrites += 1;
      return true;
    },
    clear() {
      table.clear();
    },
  };
};

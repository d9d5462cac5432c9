import type { Author } from '../domain/entities.ts';
import type { TypingSignal } from '../domain/events.ts';
import type { TypingItem } from './port.ts';

/**
 * Who types in one conversation, as one subscription sees it: by author and connection; an author types while one of
 * their connections does. Every typist ends by a timer of this node, unless renewed.
 */
export interface Typists {
  /** A signal as it comes. */
  accept(signal: TypingSignal): void;
  /** Those who typed when they were read; what came for them by then is newer. */
  acceptPresent(signals: readonly TypingSignal[]): void;
  /** Types until `release` of the same key, renewed as a person's client would. */
  hold(key: string, author: Author): void;
  release(key: string): void;
  readonly heldKeys: readonly string[];
  /** Ends all without telling; nothing is accepted any more. */
  close(): void;
}

export interface TypistsOptions {
  readonly conversationId: string;
  readonly now: () => Date;
  /** How long a signal lives when it is not renewed. */
  readonly lifetimeMs: number;
  readonly onItem: (item: TypingItem) => void;
}

interface Typist {
  readonly author: Author;
  readonly timer: NodeJS.Timeout;
}

const keyOf = ({ author, connectionId }: TypingSignal): string => `${author.id}\n${connectionId}`;

export const createTypists = ({ conversationId, now, lifetimeMs, onItem }: TypistsOptions): Typists => {
  const typists = new Map<string, Typist>();
  const held = new Set<string>();
  const heard = new Set<string>();
  let isPresentRead = false;
  let isClosed = false;

  const put = (key: string, typist: Typist, expiresAt: string): void => {
    clearTimeout(typists.get(key)?.timer);
    typists.set(key, typist);
    onItem({ conversationId, author: typist.author, isTyping: true, expiresAt });
  };

  const end = (key: string): void => {
    const typist = typists.get(key);
    if (!typist) return;
    const { author, timer } = typist;
    clearTimeout(timer);
    typists.delete(key);
    if ([...typists.values()].some((other) => other.author.id === author.id)) return;
    onItem({ conversationId, author, isTyping: false, expiresAt: now().toISOString() });
  };

  /** `leftMs` by this node's clock: that of the sender may be another. */
  const begin = (signal: TypingSignal, leftMs: number): void => {
    const key = keyOf(signal);
    put(key, { author: signal.author, timer: setTimeout(() => end(key), leftMs) }, signal.expiresAt);
  };

  const renew = (key: string, author: Author): void => {
    const expiresAt = new Date(now().getTime() + lifetimeMs).toISOString();
    put(key, { author, timer: setTimeout(() => renew(key, author), lifetimeMs / 2) }, expiresAt);
  };

  return {
    accept(signal) {
      if (isClosed) return;
      if (!isPresentRead) heard.add(keyOf(signal));
      if (signal.isTyping) begin(signal, lifetimeMs);
      else end(keyOf(signal));
    },
    acceptPresent(signals) {
      if (isClosed) return;
      isPresentRead = true;
      for (const signal of signals) {
        const leftMs = Math.min(Date.parse(signal.expiresAt) - now().getTime(), lifetimeMs);
        if (leftMs > 0 && !heard.has(keyOf(signal))) begin(signal, leftMs);
      }
      heard.clear();
    },
    hold(key, author) {
      if (isClosed || held.has(key)) return;
      held.add(key);
      renew(key, author);
    },
    release(key) {
      held.delete(key);
      end(key);
    },
    get heldKeys() {
      return [...held];
    },
    close() {
      isClosed = true;
      for (const { timer } of typists.values()) clearTimeout(timer);
      typists.clear();
    },
  };
};

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

/** A class, not closures, and empty without typists, because there is one for each subscription. */
class ConversationTypists implements Typists {
  readonly #options: TypistsOptions;
  /** Null: nobody types. */
  #typists: Map<string, Typist> | null = null;
  /** Null: none. */
  #held: Set<string> | null = null;
  /** Null: none, or the present ones were read. */
  #heard: Set<string> | null = null;
  #isPresentRead: boolean;
  #isClosed: boolean;

  constructor(options: TypistsOptions) {
    this.#options = options;
    this.#isPresentRead = false;
    this.#isClosed = false;
  }

  get heldKeys(): readonly string[] {
    return [...(this.#held ?? [])];
  }

  accept(signal: TypingSignal): void {
    if (this.#isClosed) return;
    if (!this.#isPresentRead) {
      this.#heard ??= new Set();
      this.#heard.add(keyOf(signal));
    }
    if (signal.isTyping) this.#begin(signal, this.#options.lifetimeMs);
    else this.#end(keyOf(signal));
  }

  acceptPresent(signals: readonly TypingSignal[]): void {
    if (this.#isClosed) return;
    const { now, lifetimeMs } = this.#options;
    this.#isPresentRead = true;
    for (const signal of signals) {
      const leftMs = Math.min(Date.parse(signal.expiresAt) - now().getTime(), lifetimeMs);
      if (leftMs > 0 && !this.#heard?.has(keyOf(signal))) this.#begin(signal, leftMs);
    }
    this.#heard = null;
  }

  hold(key: string, author: Author): void {
    if (this.#isClosed || this.#held?.has(key)) return;
    this.#held ??= new Set();
    this.#held.add(key);
    this.#renew(key, author);
  }

  release(key: string): void {
    this.#held?.delete(key);
    if (this.#held?.size === 0) this.#held = null;
    this.#end(key);
  }

  close(): void {
    this.#isClosed = true;
    for (const { timer } of this.#typists?.values() ?? []) clearTimeout(timer);
    this.#typists = null;
  }

  #put(key: string, typist: Typist, expiresAt: string): void {
    const { conversationId, onItem } = this.#options;
    this.#typists ??= new Map();
    clearTimeout(this.#typists.get(key)?.timer);
    this.#typists.set(key, typist);
    onItem({ conversationId, author: typist.author, isTyping: true, expiresAt });
  }

  #end(key: string): void {
    const typist = this.#typists?.get(key);
    if (!this.#typists || !typist) return;
    const { conversationId, now, onItem } = this.#options;
    const { author, timer } = typist;
    clearTimeout(timer);
    this.#typists.delete(key);
    const others = [...this.#typists.values()];
    if (others.length === 0) this.#typists = null;
    if (others.some((other) => other.author.id === author.id)) return;
    onItem({ conversationId, author, isTyping: false, expiresAt: now().toISOString() });
  }

  /** `leftMs` by this node's clock: that of the sender may be another. */
  #begin(signal: TypingSignal, leftMs: number): void {
    const key = keyOf(signal);
    const timer = setTimeout(() => this.#end(key), leftMs);
    this.#put(key, { author: signal.author, timer }, signal.expiresAt);
  }

  #renew(key: string, author: Author): void {
    const { now, lifetimeMs } = this.#options;
    const expiresAt = new Date(now().getTime() + lifetimeMs).toISOString();
    const timer = setTimeout(() => this.#renew(key, author), lifetimeMs / 2);
    this.#put(key, { author, timer }, expiresAt);
  }
}

export const createTypists = (options: TypistsOptions): Typists => new ConversationTypists(options);

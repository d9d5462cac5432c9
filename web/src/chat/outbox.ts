import type { KeyValueStorage } from '../ui/storage.ts';
import { createStore, type Store } from '../ui/store.ts';
import { createKeptSends } from './kept-sends.ts';
import type { PendingSend, SendState } from './pending-sends.ts';

export type SendOutcome =
  | {
      readonly kind: 'sent';
      readonly messageId: string;
      readonly conversationId: string;
      readonly cursor: string;
    }
  /** Will not get better by itself. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No way to the server, or it asks for patience. */
  | { readonly kind: 'unreachable' };

export interface OutboxOptions {
  readonly viewerId: string;
  readonly storage: KeyValueStorage;
  readonly send: (send: PendingSend) => Promise<SendOutcome>;
  readonly newId: () => string;
  /** A send without a conversation has begun one; without a cursor where another tab sent it. */
  readonly onBegun: (conversationId: string, cursor?: string) => void;
  /** How long after no way was found the next is tried. @default 3_000 ms */
  readonly retryMs?: number;
}

export interface Outbox {
  readonly sends: Store<readonly PendingSend[]>;
  add(message: Pick<PendingSend, 'conversationId' | 'text' | 'lastMessageId'>): void;
  retry(clientMessageId: string): void;
  discard(clientMessageId: string): void;
  /** Its message is shown. */
  forget(clientMessageId: string): void;
  /** There is a way to the server again. */
  flush(): void;
  /** Another tab has changed what is stored. */
  lookAgain(): void;
  dispose(): void;
}

/** Messages on their way: one at a time in each conversation, so that they arrive in the order they were written. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { viewerId, storage, send, newId, onBegun, retryMs = 3_000 } = options;
  const kept = createKeptSends(storage, viewerId);
  const sends = createStore<readonly PendingSend[]>(kept.load());
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDisposed = false;

  /** What is on its way here will tell how it went; it is not told to wait again. */
  const isLeft = ({ clientMessageId, state }: PendingSend) =>
    state.kind === 'sent' || state.kind === 'sending' || !kept.isGone(clientMessageId);
  /** What was written in the same pane belongs to the conversation that its first message began. */
  const joined = (all: readonly PendingSend[], conversationId: string): readonly PendingSend[] =>
    all.map((each) =>
      each.conversationId === null && each.state.kind !== 'sending' ? { ...each, conversationId } : each,
    );
  const lookAgain = () => {
    const left = sends.get().filter(isLeft);
    if (left.length === sends.get().length) return;
    const [begun] = sends.get().flatMap((send) => {
      if (send.conversationId !== null || isLeft(send)) return [];
      return kept.begunBy(send.clientMessageId) ?? [];
    });
    // Otherwise without a word to the storage: two tabs would answer each other for ever.
    if (begun === undefined) {
      sends.set(left);
      return;
    }
    set(joined(left, begun));
    onBegun(begun);
  };
  const set = (next: readonly PendingSend[]) => {
    kept.keep(next);
    sends.set(next);
    lookAgain();
  };
  const patch = (id: string, change: Partial<PendingSend>) =>
    set(sends.get().map((each) => (each.clientMessageId === id ? { ...each, ...change } : each)));
  const remove = (id: string) => set(sends.get().filter(({ clientMessageId }) => clientMessageId !== id));

  const toState = (outcome: SendOutcome): SendState => {
    switch (outcome.kind) {
      case 'sent':
        return { kind: 'sent', messageId: outcome.messageId };
      case 'refused':
        return { kind: 'failed', reason: outcome.reason };
      case 'unreachable':
        return { kind: 'queued' };
    }
  };

  const sendOne = async (next: PendingSend) => {
    const id = next.clientMessageId;
    patch(id, { state: { kind: 'sending' } });
    const outcome = await send(next);
    if (isDisposed) return;
    const state = toState(outcome);
    if (outcome.kind === 'sent' && next.conversationId === null) {
      const { conversationId, cursor } = outcome;
      kept.keepBegun(id, conversationId);
      // At once: another tab that sees the one gone finds the others where they belong.
      const after = sends.get().map((each) => (each.clientMessageId === id ? { ...each, state } : each));
      set(joined(after, conversationId));
      onBegun(conversationId, cursor);
    } else patch(id, { state });
    if (outcome.kind === 'unreachable') {
      clearTimeout(timer);
      timer = setTimeout(flush, retryMs);
    } else flush();
  };

  const flush = () => {
    if (isDisposed) return;
    lookAgain();
    const busy = new Set<string | null>();
    for (const { conversationId, state } of sends.get())
      if (state.kind === 'sending') busy.add(conversationId);
    for (const next of sends.get()) {
      if (next.state.kind !== 'queued' || busy.has(next.conversationId)) continue;
      busy.add(next.conversationId);
      void sendOne(next);
    }
  };

  return {
    sends,
    add(message) {
      set([...sends.get(), { ...message, clientMessageId: newId(), state: { kind: 'queued' } }]);
      flush();
    },
    retry(id) {
      patch(id, { state: { kind: 'queued' } });
      flush();
    },
    discard: remove,
    forget: remove,
    flush,
    lookAgain,
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
};

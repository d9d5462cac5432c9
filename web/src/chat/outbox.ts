import type { KeyValueStorage } from '../ui/storage.ts';
import { createStore, type Store } from '../ui/store.ts';
import { keepSends, loadSends, type PendingSend, type SendState } from './pending-sends.ts';

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
  /** A send without a conversation has begun one. */
  readonly onBegun: (conversationId: string, cursor: string, send: PendingSend) => void;
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
  dispose(): void;
}

/** Messages on their way: one at a time in each conversation, so that they arrive in the order they were written. */
export const createOutbox = (options: OutboxOptions): Outbox => {
  const { viewerId, storage, send, newId, onBegun, retryMs = 3_000 } = options;
  const sends = createStore<readonly PendingSend[]>(loadSends(storage, viewerId));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDisposed = false;

  /** All that this tab ever held: what else is stored belongs to another tab. */
  const held = new Set(sends.get().map(({ clientMessageId }) => clientMessageId));

  const set = (next: readonly PendingSend[]) => {
    for (const { clientMessageId } of next) held.add(clientMessageId);
    sends.set(next);
    keepSends(storage, viewerId, next, held);
  };
  const patch = (id: string, change: Partial<PendingSend>) =>
    set(sends.get().map((each) => (each.clientMessageId === id ? { ...each, ...change } : each)));
  const remove = (id: string) => set(sends.get().filter(({ clientMessageId }) => clientMessageId !== id));

  /** What was written in the same pane meanwhile belongs to the conversation that its first message began. */
  const joinBegun = (id: string, conversationId: string) =>
    set(
      sends
        .get()
        .map((each) =>
          each.clientMessageId === id || (each.conversationId === null && each.state.kind === 'queued')
            ? { ...each, conversationId }
            : each,
        ),
    );

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
    patch(id, { state: toState(outcome) });
    if (outcome.kind === 'sent' && next.conversationId === null) {
      joinBegun(id, outcome.conversationId);
      onBegun(outcome.conversationId, outcome.cursor, next);
    }
    if (outcome.kind === 'unreachable') {
      clearTimeout(timer);
      timer = setTimeout(flush, retryMs);
    } else flush();
  };

  const flush = () => {
    if (isDisposed) return;
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
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
    },
  };
};

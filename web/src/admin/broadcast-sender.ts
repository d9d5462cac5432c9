import type { AdminBroadcastMutation, BroadcastInput } from '../generated/graphql.ts';
import type { BroadcastContent } from './broadcast-draft.ts';
import { createCell, type ReadonlyCell } from './cell.ts';
import type { Outcome, Refusal } from './refusal.ts';

export type SentBroadcast = AdminBroadcastMutation['broadcast'];

/**
 * idle → sending → sent | refused | unsure
 * sent, refused → sending, with a new id
 * unsure → sending, with the same id and content: `retry`; → idle: `discard`
 */
export type Sending =
  | { readonly kind: 'idle' }
  | { readonly kind: 'sending'; readonly input: BroadcastInput }
  | { readonly kind: 'sent'; readonly result: SentBroadcast }
  /** Certainly not sent. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Perhaps sent. `refusal` is null when the page was left while it was being sent. */
  | { readonly kind: 'unsure'; readonly input: BroadcastInput; readonly refusal: Refusal | null };

export interface BroadcastSender extends ReadonlyCell<Sending> {
  send(content: BroadcastContent): void;
  retry(): void;
  discard(): void;
}

export interface BroadcastSenderOptions {
  readonly send: (input: BroadcastInput) => Promise<Outcome<SentBroadcast>>;
  readonly onSent: (result: SentBroadcast) => void;
  readonly newId: () => string;
  /** Outlives the page: whoever reloads after a lost answer and sends again would otherwise announce twice. */
  readonly kept: { load(): BroadcastInput | null; save(input: BroadcastInput | null): void };
}

export const createBroadcastSender = ({
  send,
  onSent,
  newId,
  kept,
}: BroadcastSenderOptions): BroadcastSender => {
  const left = kept.load();
  const cell = createCell<Sending>(left ? { kind: 'unsure', input: left, refusal: null } : { kind: 'idle' });

  const run = async (input: BroadcastInput): Promise<void> => {
    cell.set({ kind: 'sending', input });
    // Kept before it goes out, otherwise a reload meanwhile would lose the id.
    kept.save(input);
    const outcome = await send(input);
    if (outcome.kind === 'done') {
      kept.save(null);
      cell.set({ kind: 'sent', result: outcome.value });
      onSent(outcome.value);
    } else if (outcome.refusal.isUnsure) {
      cell.set({ kind: 'unsure', input, refusal: outcome.refusal });
    } else {
      kept.save(null);
      cell.set({ kind: 'refused', refusal: outcome.refusal });
    }
  };

  return {
    get: cell.get,
    subscribe: cell.subscribe,
    send(content) {
      const { kind } = cell.get();
      if (kind === 'sending' || kind === 'unsure') return;
      void run({ ...content, clientBroadcastId: newId() });
    },
    retry() {
      const sending = cell.get();
      if (sending.kind === 'unsure') void run(sending.input);
    },
    discard() {
      if (cell.get().kind === 'sending') return;
      kept.save(null);
      cell.set({ kind: 'idle' });
    },
  };
};

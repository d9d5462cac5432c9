/**
 *     queued ──▶ sending ──▶ sent (until its message is seen)
 *       ▲          ├──▶ queued (no way to the server: goes out by itself when there is one)
 *       └──retry── failed (refused; kept until it is retried or discarded)
 */
export type SendState =
  | { readonly kind: 'queued' }
  | { readonly kind: 'sending' }
  | { readonly kind: 'sent'; readonly messageId: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface PendingSend {
  readonly clientMessageId: string;
  /** Null: begins a conversation. */
  readonly conversationId: string | null;
  readonly text: string;
  /** The last message that was shown when it was sent; its own comes after that. */
  readonly lastMessageId: string | null;
  readonly state: SendState;
}

interface KnownMessage {
  readonly id: string;
  readonly text: string;
  readonly author: { readonly id: string };
}

/**
 * The sends whose message is not shown yet. An event may be quicker than the answer of the mutation: a new message of
 * the viewer with the same text is taken for it, so that it never stands there twice.
 */
export const unseenSends = (
  sends: readonly PendingSend[],
  messages: readonly KnownMessage[],
  viewerId: string,
): readonly PendingSend[] => {
  const taken = new Set<string>();
  return sends.filter(({ state, text, lastMessageId }) => {
    if (state.kind === 'sent') {
      taken.add(state.messageId);
      return !messages.some(({ id }) => id === state.messageId);
    }
    if (state.kind === 'failed') return true;
    const from = messages.findIndex(({ id }) => id === lastMessageId) + 1;
    const own = messages
      .slice(from)
      .find(({ id, text: shown, author }) => author.id === viewerId && shown === text && !taken.has(id));
    if (own) taken.add(own.id);
    return !own;
  });
};

import type { ChatMessage } from './conversation-state.ts';
import { type PendingSend, unseenSends } from './pending-sends.ts';

export type Row =
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: ChatMessage;
      /** A later attempt stands in its place. */
      readonly isReplaced: boolean;
      /** The last answer, closed: it can be made again. */
      readonly canRetry: boolean;
    }
  | { readonly kind: 'pending'; readonly key: string; readonly send: PendingSend };

/** What stands in the list of a conversation, oldest first. `keys`: under which key the pending form of a message stood. */
export const toRows = (
  messages: readonly ChatMessage[],
  sends: readonly PendingSend[],
  viewerId: string,
  keys: ReadonlyMap<string, string>,
): readonly Row[] => {
  const replaced = new Set(messages.flatMap(({ retryOf }) => retryOf ?? []));
  const last = messages.at(-1);
  const isLastClosed = last?.answer && last.answer.state !== 'WAITING' && last.answer.state !== 'GENERATING';
  return [
    ...messages.map(
      (message): Row => ({
        kind: 'message',
        key: keys.get(message.id) ?? message.id,
        message,
        isReplaced: replaced.has(message.id),
        canRetry: message === last && Boolean(isLastClosed),
      }),
    ),
    ...unseenSends(sends, messages, viewerId).map(
      (send): Row => ({ kind: 'pending', key: send.clientMessageId, send }),
    ),
  ];
};

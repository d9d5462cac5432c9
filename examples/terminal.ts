import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';

export interface Message {
  readonly id: string;
  readonly text: string;
  readonly author: { readonly kind: 'LEARNER' | 'TUTOR'; readonly name: string };
  /** Null for people. */
  readonly answer?: { readonly state: string } | null;
}

export interface ConversationOptions {
  /** @default a new conversation */
  readonly id?: string | undefined;
  readonly url: string;
  /** Called for every connection, and again before its token ends. */
  readonly token: () => string | Promise<string>;
  /** Node.js 20 has none of its own. */
  readonly webSocketImpl?: unknown;
  /** Called with all that is in the cache whenever it changed. */
  readonly show: (messages: readonly Message[]) => void;
  readonly onError: (error: unknown) => void;
}

export interface Conversation {
  readonly id: string;
  /** Shown at once. When it rejects, the same call with the same `clientMessageId` may be repeated. */
  send(text: string, clientMessageId?: string): Promise<void>;
  /** What the cache holds. */
  messages(): readonly Message[];
  dispose(): Promise<void>;
}

/** Sends each line of the input, and writes answers as they grow; ends when the input has ended and all is answered. */
export const talk = async (open: (options: ConversationOptions) => Promise<Conversation>): Promise<void> => {
  const { values } = parseArgs({
    options: {
      token: { type: 'string', default: '' },
      url: { type: 'string', default: 'ws://127.0.0.1:4000/graphql' },
      conversation: { type: 'string' },
    },
  });
  const written = new Map<string, number>();
  let wake = () => {};
  const isOpen = ({ answer }: Message) => answer && ['WAITING', 'GENERATING'].includes(answer.state);
  const isAnswered = (messages: readonly Message[]) => messages.at(-1)?.answer && !messages.some(isOpen);
  const show = (messages: readonly Message[]) => {
    for (const { id, text, author } of messages) {
      if (author.kind !== 'TUTOR') continue;
      process.stdout.write(text.slice(written.get(id) ?? 0));
      written.set(id, Math.max(text.length, written.get(id) ?? 0));
    }
    if (isAnswered(messages)) wake();
  };

  const conversation = await open({
    id: values.conversation,
    url: values.url,
    token: () => values.token,
    webSocketImpl: WebSocket,
    show,
    onError: (error) => console.error(error),
  });
  for await (const line of createInterface({ input: process.stdin })) {
    await conversation.send(line);
    if (isAnswered(conversation.messages())) continue;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
    process.stdout.write('\n');
  }
  await conversation.dispose();
};

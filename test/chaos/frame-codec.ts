import type { FactOf, Frame } from './history.ts';

/** One message of graphql-transport-ws, as far as somebody on the line has to understand it. */
export interface Message {
  readonly type: string;
  readonly id: string | null;
  readonly payload: Payload;
  /** Of messageReceived. */
  readonly frame: Frame | null;
  /** Of typing. */
  readonly typing: Typing | null;
}

export type Typing = Pick<FactOf<'typing-received'>, 'author' | 'isTyping'>;

interface Payload {
  readonly authorization?: string;
  readonly query?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, unknown>> | null;
}

export const readMessage = (text: string): Message => {
  const { type, id, payload } = JSON.parse(text) as { type: string; id?: string; payload?: Payload };
  const { messageReceived, typing } = payload?.data ?? {};
  return {
    type,
    id: id ?? null,
    payload: payload ?? {},
    frame: (messageReceived as Frame | undefined) ?? null,
    typing: (typing as Typing | undefined) ?? null,
  };
};

/** The same message with another payload. */
export const withPayload = (text: string, change: object): string => {
  const message = JSON.parse(text) as { payload?: object };
  return JSON.stringify({ ...message, payload: { ...message.payload, ...change } });
};

/** The same message with a frame that differs in this. */
export const withFrame = (text: string, change: Partial<Frame>): string =>
  withPayload(text, { data: { messageReceived: { ...readMessage(text).frame, ...change } } });

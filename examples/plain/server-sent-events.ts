import { print } from 'graphql';
import { MessageReceived } from '../documents.ts';
import type { MessageReceivedSubscription } from '../generated/graphql.ts';

export interface StreamOptions {
  /** `https://…/graphql` */
  readonly url: string;
  readonly token: string;
  readonly id: string;
  /** At most one a topic. */
  readonly after: readonly string[];
  readonly signal: AbortSignal;
}

interface Result {
  readonly data?: MessageReceivedSubscription;
  readonly errors?: readonly { readonly message: string }[];
  /** Of a durable event: keep the newest of each topic, and begin after those when the stream has ended. */
  readonly extensions?: { readonly topic?: string; readonly cursor?: string };
}

/** For networks without WebSocket. */
export async function* stream({ url, token, id, after, signal }: StreamOptions): AsyncGenerator<Result> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ query: print(MessageReceived), variables: { id, after } }),
    signal,
  });
  if (!response.ok || !response.body) throw new Error(await response.text());
  let text = '';
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const events = `${text}${piece}`.split('\n\n');
    text = events.pop() ?? '';
    for (const event of events) {
      const data = /^data: (.+)$/m.exec(event)?.[1];
      if (data) yield JSON.parse(data);
    }
  }
}

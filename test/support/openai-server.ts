import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A local server that speaks the streaming protocol of OpenAI's chat completions, and its failures, over real HTTP.
 *
 *     const model = await startOpenAiServer({ script: { tokens: ['Hel', 'lo'] } });
 *     createOpenAiTutor({ baseUrl: model.url, … });
 *     model.requests[0].body.messages; await model.dispose();
 */
export interface OpenAiServer {
  /** To be used as base URL, ends in `/v1`. */
  readonly url: string;
  /** All calls so far, in the order of their coming. */
  readonly requests: readonly OpenAiRequest[];
  /** Cuts what is open. */
  dispose(): Promise<void>;
}

export interface OpenAiRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: OpenAiRequestBody;
  /** Whether the server has not yet ended it and the client has not yet gone. */
  readonly open: boolean;
  /** The port of the client: the same for all that came on one line. */
  readonly line: number;
  /** Whether the client went before the server had ended the answer. */
  readonly aborted: boolean;
}

export interface OpenAiRequestBody {
  readonly model?: string;
  readonly stream?: boolean;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
  readonly [field: string]: unknown;
}

/** A token of text; a delta in full (`{ reasoning_content: '…' }`); or bytes of the stream as they stand. */
export type OpenAiToken = string | { readonly delta: object } | { readonly raw: string | Uint8Array };

/** Tells tokens as it likes; the signal aborts when the line closes. */
export type TellTokens = (signal: AbortSignal, tell: (token: string) => void) => Promise<void>;

export type OpenAiReply =
  | {
      /** Paced by the test when it is an async iterable (an `async function*` that waits for what it likes). */
      readonly tokens: Iterable<OpenAiToken> | AsyncIterable<OpenAiToken> | TellTokens;
      /**
       * What follows the tokens: the finish reason, usage, `[DONE]` and the end; the end alone; silence; a cut line.
       * @default 'finish'
       */
      readonly ending?: 'finish' | 'end' | 'hang' | 'break';
      /** Null: none is sent. @default 'stop' */
      readonly finishReason?: string | null;
      /** What happens after `[DONE]`. @default 'end' */
      readonly afterDone?: 'end' | 'hang' | 'break';
      /** Sent when the request asks for it (`stream_options.include_usage`); null: never. */
      readonly usage?: { readonly prompt_tokens: number; readonly completion_tokens: number } | null;
    }
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  /** Takes the request and says nothing at all; or closes the line without a word. */
  | { readonly ending: 'hang' | 'break' };

export interface OpenAiServerOptions {
  /** The answer to every call, or a function that chooses; `index` counts the calls from 0. */
  readonly script: OpenAiReply | ((request: OpenAiRequest, index: number) => OpenAiReply);
}

export const startOpenAiServer = async ({ script }: OpenAiServerOptions): Promise<OpenAiServer> => {
  const requests: OpenAiRequest[] = [];
  const server = createServer((request, response) => {
    void accept(request, response, requests, script).catch((error) => response.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, requests, dispose: () => close(server) };
};

const close = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};

const accept = async (
  request: IncomingMessage,
  response: ServerResponse,
  requests: OpenAiRequest[],
  script: OpenAiServerOptions['script'],
): Promise<void> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const call = {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: JSON.parse(Buffer.concat(chunks).toString() || '{}') as OpenAiRequestBody,
    open: true,
    line: request.socket.remotePort ?? 0,
    aborted: false,
  };
  // `writableEnded` stays false when the client goes first, and when the script breaks the line: that one is marked.
  response.on('close', () => {
    call.open = false;
    call.aborted = !response.writableEnded && !response.errored;
  });
  const index = requests.push(call) - 1;
  const reply = typeof script === 'function' ? script(call, index) : script;
  if ('status' in reply) refuse(response, reply);
  else if ('tokens' in reply) await answer(response, reply, call.body);
  else finish(response, reply.ending);
};

const finish = (response: ServerResponse, how: 'end' | 'hang' | 'break'): void => {
  if (how === 'end') response.end();
  if (how === 'break') response.destroy(new Error('the script breaks the line'));
};

const refuse = (
  response: ServerResponse,
  { status, body = {}, headers }: Extract<OpenAiReply, { status: number }>,
): void => {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  response.end(isText ? body : JSON.stringify(body));
};

const answer = async (
  response: ServerResponse,
  reply: Extract<OpenAiReply, { tokens: unknown }>,
  body: OpenAiRequestBody,
): Promise<void> => {
  const { tokens, ending = 'finish', finishReason = 'stop', afterDone = 'end' } = reply;
  const { usage = { prompt_tokens: 11, completion_tokens: 7 } } = reply;
  const toChunk = (fields: object) =>
    `data: ${JSON.stringify({
      id: 'chatcmpl-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: body.model,
      ...fields,
    })}\n\n`;
  const toDelta = (delta: object, reason: string | null = null) =>
    toChunk({ choices: [{ index: 0, delta, finish_reason: reason }] });

  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  await write(response, toDelta({ role: 'assistant', content: '' }));
  const toBytes = (token: OpenAiToken): string | Uint8Array => {
    if (typeof token === 'string') return toDelta({ content: token });
    return 'raw' in token ? token.raw : toDelta(token.delta);
  };
  if (typeof tokens === 'function') {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    await tokens(gone.signal, (token) => response.write(toBytes(token)));
  } else {
    for await (const token of tokens) {
      if (response.destroyed) return;
      await write(response, toBytes(token));
    }
  }
  if (ending !== 'finish') return finish(response, ending);
  if (finishReason !== null) await write(response, toDelta({}, finishReason));
  const wantsUsage = (body.stream_options as { include_usage?: boolean } | undefined)?.include_usage;
  if (wantsUsage && usage !== null) await write(response, toChunk({ choices: [], usage }));
  await write(response, 'data: [DONE]\n\n');
  finish(response, afterDone);
};

/** Resolves when the bytes are with the system, so that a break afterwards cuts none of them off. */
const write = (response: ServerResponse, text: string | Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    response.write(text, () => resolve());
  });

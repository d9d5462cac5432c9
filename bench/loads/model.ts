import { once, setMaxListeners } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../src/util/sleep.ts';
import { eventually } from '../../test/support/eventually.ts';
import { now } from '../lib/clock.ts';
import { type Calls, serveLoad } from '../lib/load.ts';

/** An OpenAI-compatible model whose every token is the time at which it is sent, by `now()`. */
export interface ModelLoad extends Calls {
  listen(): Promise<{ readonly baseUrl: string }>;
  /** For the calls from now on; forgets what it has sent. */
  begin(argument: Pace): Promise<void>;
  /** Resolves when it speaks in so many calls. */
  awaitOpen(argument: { readonly count: number; readonly timeoutMs: number }): Promise<void>;
  /** Comes to the end in all calls. */
  finish(): Promise<void>;
  /** How many tokens it has sent in that time. */
  countSent(argument: Window): Promise<number>;
}

export interface Pace {
  readonly tokensPerSecond: number;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

let pace: Pace = { tokensPerSecond: 50 };
let finishing = new AbortController();
let open = 0;
let sentAt: number[] = [];

const toChunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'bench',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })}\n\n`;

/** Kept to the clock: a token that is late does not make the next ones late. */
const stream = async (response: ServerResponse, { tokensPerSecond }: Pace): Promise<void> => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const ending = AbortSignal.any([gone.signal, finishing.signal]);
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  const begin = now();
  open++;
  for (let at = 0; !ending.aborted; at++) {
    await sleep(Math.max(0, begin + (at * 1_000) / tokensPerSecond - now()), ending);
    if (ending.aborted) break;
    const time = Math.round(now() * 100) / 100;
    sentAt.push(time);
    response.write(toChunk({ content: `${time.toFixed(2)} ` }, null));
  }
  open--;
  if (!gone.signal.aborted) response.end(`${toChunk({}, 'stop')}data: [DONE]\n\n`);
};

serveLoad<ModelLoad>({
  async listen() {
    const server = createServer((request, response) => {
      request.resume();
      request.once('end', () => void stream(response, pace).catch(() => response.destroy()));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1` };
  },
  async begin(argument) {
    pace = argument;
    finishing = new AbortController();
    // One of every call.
    setMaxListeners(0, finishing.signal);
    sentAt = [];
  },
  async awaitOpen({ count, timeoutMs }) {
    await eventually(() => open >= count, { timeoutMs, intervalMs: 50 });
  },
  async finish() {
    finishing.abort();
  },
  countSent: async ({ from, to }) => sentAt.filter((time) => time >= from && time < to).length,
});

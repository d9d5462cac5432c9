import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sleep } from '../../src/util/sleep.ts';
import { createRandom, type Random } from '../support/random.ts';

/** One call of the model. Its text is no other call's, so that what is made of two shows. */
export interface ModelCall {
  readonly callId: string;
  /** Which node called. */
  readonly node: number;
  /** The clientMessageId that the learner's last message holds in brackets. */
  readonly question: string;
  /** All that it would say if it were let. */
  readonly text: string;
}

export interface ModelObserver {
  began(call: ModelCall): void;
  ended(call: ModelCall, how: 'finished' | 'aborted', sentText: string): void;
}

/** An OpenAI-compatible endpoint which says something else at every call. */
export interface Model {
  /** The base URL of one node's calls. */
  baseUrl(node: number): string;
  /** What the open calls of a node are about. */
  openQuestions(node: number): string[];
  /** Begins by breaking off every other open call; as long as it lasts, new ones are refused with 503. */
  setFailing(isFailing: boolean): void;
  dispose(): Promise<void>;
}

const words = [
  'a',
  'fraction',
  'is',
  'part',
  'of',
  'the',
  'whole',
  'größer',
  '数',
  '🧮',
  '👩‍🏫',
  'so',
  'we',
  'add',
];

/** Words with the number of the call in them, some outside the basic plane. */
const composeTokens = (random: Random, callId: number, question: string): string[] => {
  const tokens = [`Call ${callId} `, `about “${question}”:`];
  const count = 30 + random.int(150);
  for (let at = 0; at < count; at++) tokens.push(` ${random.pick(words)}·${callId}.${at}`);
  return tokens;
};

const toChunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'chaos',
    choices: [{ index: 0, delta, finish_reason: reason }],
  })}\n\n`;

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

/** Neighbours of one side are joined, so the last one in brackets is what the answer is for. */
const questionOf = (body: string): string => {
  const { messages } = JSON.parse(body) as { messages: readonly { role: string; content: unknown }[] };
  const content = messages.findLast(({ role }) => role === 'user')?.content ?? '';
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return [...text.matchAll(/\[([\w-]+)\]/g)].at(-1)?.[1] ?? '';
};

/** Resolves with how much of it was sent. */
const stream = async (
  response: ServerResponse,
  tokens: readonly string[],
  tokenMs: number,
): Promise<number> => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for (const [at, content] of tokens.entries()) {
    if (gone.signal.aborted) return at;
    response.write(toChunk({ content }, null));
    await sleep(tokenMs, gone.signal);
  }
  if (!gone.signal.aborted) response.end(`${toChunk({}, 'stop')}data: [DONE]\n\n`);
  return tokens.length;
};

export const startModel = async (seed: number, observer: ModelObserver): Promise<Model> => {
  const open = new Map<ModelCall, ServerResponse>();
  let isFailing = false;
  let calls = 0;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const question = questionOf(await readBody(request));
    const node = Number(/^\/node-(\d+)\//.exec(request.url ?? '')?.[1]);
    const random = createRandom(seed * 1_000_003 + ++calls);
    const callId = String(calls);
    const tokens = composeTokens(random, calls, question);
    const call: ModelCall = { callId, node, question, text: tokens.join('') };
    observer.began(call);
    open.set(call, response);
    let sent = 0;
    const isRefused = isFailing;
    try {
      if (isRefused) response.writeHead(503).end('{}');
      else sent = await stream(response, tokens, 1_000 / (20 + random.int(41)));
    } finally {
      open.delete(call);
      const isWhole = response.writableEnded && !isRefused;
      observer.ended(call, isWhole ? 'finished' : 'aborted', tokens.slice(0, sent).join(''));
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: (node) => `http://127.0.0.1:${port}/node-${node}/v1`,
    openQuestions: (node) =>
      [...open.keys()].filter((call) => call.node === node).map(({ question }) => question),
    setFailing(next) {
      isFailing = next;
      for (const [at, response] of [...open.values()].entries()) if (next && at % 2 === 0) response.destroy();
    },
    async dispose() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AnswerUsage, FailureCode } from '../../src/domain/answer.ts';
import { createOpenAiTutor, type OpenAiTutorOptions } from '../../src/tutor/openai-compatible.ts';
import { type TutorContext, TutorError } from '../../src/tutor/port.ts';
import { eventually } from '../support/eventually.ts';
import { type OpenAiServer, type OpenAiServerOptions, startOpenAiServer } from '../support/openai-server.ts';
import { exampleContext, learnerTurn, tutorTurn } from '../unit/tutor/example-context.ts';
import { type CreateTutorHarness, tutorContract } from './tutor-contract.ts';

const apiKey = 'sk-secret-0123456789';

const never = new AbortController().signal;

const createTutor = (baseUrl: string, overrides: Partial<OpenAiTutorOptions> = {}) =>
  createOpenAiTutor({
    baseUrl,
    apiKey,
    model: 'test-model',
    contextTokens: 4_000,
    firstTokenTimeoutMs: 20_000,
    idleTimeoutMs: 20_000,
    ...overrides,
  });

const create: CreateTutorHarness = async ({ stallAfter }) => {
  // The emoji is cut in the middle, as servers do that stream by byte-level token.
  const tokens = ['Hello', ' Ada', ' \ud83d', '\ude00', '', ' and', ' good', ' bye', ' 🧮'];
  const server = await startOpenAiServer({
    script: stallAfter === undefined ? { tokens } : { tokens: tokens.slice(0, stallAfter), ending: 'hang' },
  });
  return {
    tutor: createTutor(server.url),
    answerTo: () => tokens.join(''),
    calls: () => server.requests.length,
    open: () => server.requests.filter((request) => request.open).length,
    dispose: () => server.dispose(),
  };
};

tutorContract('openai-compatible', create);

describe('openai-compatible tutor', () => {
  let server: OpenAiServer | undefined;
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
  });

  const start = async (script: OpenAiServerOptions['script']): Promise<OpenAiServer> => {
    server = await startOpenAiServer({ script });
    return server;
  };

  const readFrom = async (baseUrl: string): Promise<string> => {
    let text = '';
    await createTutor(baseUrl).reply(exampleContext('hi'), never, (piece) => {
      text += piece;
    });
    return text;
  };

  /** The text until the end, and the failure that it ended with. */
  const read = async (
    script: OpenAiServerOptions['script'],
    overrides?: Partial<OpenAiTutorOptions>,
    context: TutorContext = exampleContext('What is light?'),
  ) => {
    const { url, requests } = await start(script);
    let text = '';
    const usage: AnswerUsage[] = [];
    let failure: TutorError | null = null;
    try {
      const asked: TutorContext = { ...context, onUsage: (reported) => usage.push(reported) };
      await createTutor(url, overrides).reply(asked, never, (piece) => {
        text += piece;
      });
    } catch (error) {
      if (!(error instanceof TutorError)) throw error;
      failure = error;
    }
    return { text, usage, failure, code: failure?.code ?? null, requests, url };
  };

  describe('request', () => {
    test('carries the key, the model, the system prompt and the turns', async () => {
      const context = exampleContext('And sound?', [learnerTurn('What is light?'), tutorTurn('A wave.')]);
      const { requests } = await read({ tokens: ['A wave too.'] }, { maxOutputTokens: 300 }, context);
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
      expect(requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`);
      expect(requests[0]?.body).toMatchObject({
        model: 'test-model',
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 300,
        messages: [
          { role: 'system', content: expect.stringContaining('Name: Ada') },
          { role: 'user', content: 'What is light?' },
          { role: 'assistant', content: 'A wave.' },
          { role: 'user', content: 'And sound?' },
        ],
      });
    });

    test('carries no authorization without a key', async () => {
      const { requests } = await read({ tokens: ['Hi'] }, { apiKey: null });
      expect(requests[0]?.headers.authorization).toBeUndefined();
    });

    test('leaves out the oldest turns beyond the budget', async () => {
      const old = Array.from({ length: 40 }, (_, index) => [
        learnerTurn(`question ${index} ${'x'.repeat(60)}`),
        tutorTurn(`answer ${index} ${'y'.repeat(60)}`),
      ]).flat();
      const { requests } = await read(
        { tokens: ['Hi'] },
        { contextTokens: 1_000 },
        exampleContext('the last', old),
      );
      const messages = requests[0]?.body.messages ?? [];
      expect(messages[0]?.role).toBe('system');
      expect(messages[1]?.role).toBe('user');
      expect(messages.at(-1)).toEqual({ role: 'user', content: 'the last' });
      expect(messages.at(-2)?.content).toContain('answer 39');
      expect(messages.length).toBeGreaterThan(4);
      expect(messages.length).toBeLessThan(40);
    });

    test('a last message beyond the budget is CONTEXT_TOO_LONG without a call', async () => {
      const { code, requests } = await read({ tokens: [] }, {}, exampleContext('x'.repeat(20_000)));
      expect(code).toBe('CONTEXT_TOO_LONG');
      expect(requests).toHaveLength(0);
    });

    test('is sent on to where the endpoint says, with the key only at the same address', async () => {
      const first = await startOpenAiServer({
        script: ({ path }) =>
          path === '/v1/chat/completions'
            ? { status: 308, headers: { location: '/moved' } }
            : { status: 307, headers: { location: `${server?.url}/chat/completions` } },
      });
      try {
        await start({ tokens: ['Hi'] });
        expect(await readFrom(first.url)).toBe('Hi');
        expect(first.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/moved']);
        expect(first.requests[1]?.headers.authorization).toBe(`Bearer ${apiKey}`);
        expect(server?.requests[0]?.headers.authorization).toBeUndefined();
        expect(server?.requests[0]?.body).toEqual(first.requests[0]?.body);
      } finally {
        await first.dispose();
      }
    });

    test('goes to an address with a slash at its end as to one without', async () => {
      const { url, requests } = await start({ tokens: ['Hi'] });
      expect(await readFrom(`${url}/`)).toBe('Hi');
      expect(requests[0]?.path).toBe('/v1/chat/completions');
    });

    test('keeps the line for the next answer, and gives it up when it is left in the middle', async () => {
      const { url, requests } = await start({ tokens: ['Hel', 'lo'] });
      await readFrom(url);
      await readFrom(url);
      const abort = new AbortController();
      const left = createTutor(url).reply(exampleContext('hi'), abort.signal, () => abort.abort());
      await expect(left).rejects.toThrow('aborted');
      await readFrom(url);
      const lines = requests.map(({ line }) => line);
      expect(lines).toEqual([lines[0], lines[0], lines[0], expect.any(Number)]);
      expect(lines[3]).not.toBe(lines[0]);
    });
  });

  describe('answer', () => {
    test('reports usage as the model counts it', async () => {
      const { usage, code } = await read({
        tokens: ['Hi'],
        usage: { prompt_tokens: 123, completion_tokens: 45 },
      });
      expect(code).toBeNull();
      expect(usage).toEqual([{ inputTokens: 123, outputTokens: 45 }]);
    });

    test('reports no usage when the model sends none', async () => {
      const { usage, text } = await read({ tokens: ['Hi'], usage: null });
      expect(usage).toEqual([]);
      expect(text).toBe('Hi');
    });

    test('leaves out reasoning, empty pieces and comments', async () => {
      const { text } = await read({
        tokens: [
          { delta: { reasoning_content: 'Let me think.' } },
          { delta: { reasoning: 'Hm.' } },
          { raw: ': keep-alive\n\n' },
          { delta: { content: null } },
          '',
          'The ',
          { raw: ': keep-alive\n\n' },
          'answer',
        ],
      });
      expect(text).toBe('The answer');
    });

    test('characters cut across reads come out whole, and lone halves and NUL never', async () => {
      const bytes = Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"é🧮"}}]}\n\n');
      const cut = bytes.indexOf('🧮') + 2;
      const { text } = await read({
        tokens: [
          { raw: bytes.subarray(0, cut) },
          { raw: bytes.subarray(cut) },
          'a\ud83d',
          'b\0c\udc00',
          'd\ud83d',
        ],
      });
      expect(text).toBe('é🧮a\ufffdbc\ufffdd\ufffd');
    });

    test('an answer cut by the length bound is an answer', async () => {
      const { text, code } = await read({ tokens: ['Hel', 'lo'], finishReason: 'length' });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    test.each(['hang', 'break'] as const)('a stream that has its finish reason may %s', async (afterDone) => {
      const { text, code, requests } = await read({ tokens: ['Hel', 'lo'], afterDone });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
      await eventually(() => requests.every((request) => !request.open));
    });

    test('a finish reason in the chunk of the last token keeps the token', async () => {
      const { text, code } = await read({
        tokens: [
          'Hel',
          { raw: 'data: {"choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":"stop"}]}\n\n' },
        ],
        finishReason: null,
      });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    const chunk = (choice: object, rest: object = {}): string =>
      `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }], ...rest })}\n\n`;

    test('content may be a list of parts, of which those that think are not shown', async () => {
      const content = [
        { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
        { type: 'text', text: 'Hel' },
        { type: 'reference', reference_ids: [1] },
        { type: 'text', text: 'lo' },
      ];
      const { text, code } = await read({ tokens: [{ delta: { content } }] });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    test('content comes before a refusal in the same chunk, and both are shown', async () => {
      const { text, code } = await read({ tokens: [{ delta: { content: 'Well. ', refusal: 'No.' } }] });
      expect({ text, code }).toEqual({ text: 'Well. No.', code: 'TUTOR_REFUSED' });
    });

    test('a refusal that is no text is none', async () => {
      const { text, code } = await read({ tokens: [{ delta: { content: 'Hi', refusal: false } }] });
      expect({ text, code }).toEqual({ text: 'Hi', code: null });
    });

    test('chunks without a choice, or whose choice has no delta, say nothing', async () => {
      const { text, code } = await read({
        tokens: [
          { raw: 'data: {"choices":[],"prompt_filter_results":[{"prompt_index":0}]}\n\n' },
          { raw: chunk({ delta: null }) },
          { raw: chunk({}) },
          { raw: chunk({ delta: { role: 'assistant' }, logprobs: null }) },
          'Hi',
        ],
      });
      expect({ text, code }).toEqual({ text: 'Hi', code: null });
    });

    test.each([
      ['CRLF', '\r\n'],
      ['CR', '\r'],
    ])('lines may end with %s', async (_name, end) => {
      const raw = ['Hel', 'lo'].map((content) => chunk({ delta: { content } })).join('');
      const finish = `${chunk({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;
      const tokens = [{ raw: (raw + finish).replaceAll('\n', end) }];
      const { text, code } = await read({ tokens, ending: 'end' });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    test('fields other than data, and events with a name, change nothing', async () => {
      const { text, code } = await read({
        tokens: [
          {
            raw: `id: 7\nretry: 100\nevent: completion.chunk\nstrange: x\n${chunk({ delta: { content: 'Hi' } })}`,
          },
        ],
      });
      expect({ text, code }).toEqual({ text: 'Hi', code: null });
    });

    test('an event may come in many reads, and many events in one', async () => {
      const bytes = Buffer.from(['é', '🧮', '!'].map((content) => chunk({ delta: { content } })).join(''));
      const { text } = await read({
        tokens: [...[...bytes].map((byte) => ({ raw: Buffer.of(byte) })), { raw: bytes }],
      });
      expect(text).toBe('é🧮!é🧮!');
    });

    test('an event may span several data lines, and needs no space after the colon', async () => {
      const { text } = await read({
        tokens: [{ raw: 'data:{"choices":[{"index":0,\ndata: "delta":{"content":"Hi"}}]}\n\n' }],
      });
      expect(text).toBe('Hi');
    });

    test('what the model still says after its finish reason is part of the answer', async () => {
      const { text, code } = await read({
        tokens: [{ raw: chunk({ delta: { content: 'Hel' }, finish_reason: 'stop' }) }, 'lo'],
        finishReason: null,
      });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    test('what fails after the finish reason fails nothing', async () => {
      const { text, code } = await read({
        tokens: [
          { raw: chunk({ delta: { content: 'Hello' }, finish_reason: 'stop' }) },
          { raw: 'data: {"error":{"message":"the log is full"}}\n\n' },
        ],
        ending: 'hang',
      });
      expect({ text, code }).toEqual({ text: 'Hello', code: null });
    });

    test('a finish reason of its own words finishes the answer', async () => {
      const { text, code } = await read({ tokens: ['Hi'], finishReason: 'eos_token' });
      expect({ text, code }).toEqual({ text: 'Hi', code: null });
    });

    test('of usage told with every chunk the last counts', async () => {
      const { usage } = await read({
        tokens: [
          { raw: chunk({ delta: { content: 'a' } }, { usage: { prompt_tokens: 3, completion_tokens: 1 } }) },
          { raw: chunk({ delta: { content: 'b' } }, { usage: null }) },
          {
            raw: chunk({ delta: { content: 'c' } }, { usage: { prompt_tokens: 3, completion_tokens: null } }),
          },
        ],
        usage: null,
      });
      expect(usage).toEqual([{ inputTokens: 3, outputTokens: 0 }]);
    });

    test('all events of one read are told before the next turn', async () => {
      const raw = ['a', 'b', 'c'].map((content) => chunk({ delta: { content } })).join('');
      const { url } = await start({ tokens: [{ raw }] });
      const turns: number[] = [];
      let turn = 0;
      await createTutor(url).reply(exampleContext('hi'), never, () => {
        turns.push(turn);
        queueMicrotask(() => {
          turn += 1;
        });
      });
      expect(turns).toEqual([0, 0, 0]);
    });

    test('reasoning counts as a sign of life', async () => {
      const { text, code } = await read(
        {
          tokens: (async function* () {
            for (let step = 0; step < 8; step += 1) {
              const at = performance.now();
              await eventually(() => performance.now() - at > 150);
              yield { delta: { reasoning_content: 'hm ' } };
            }
            yield 'done';
          })(),
        },
        { firstTokenTimeoutMs: 1_000, idleTimeoutMs: 1_000 },
      );
      expect({ text, code }).toEqual({ text: 'done', code: null });
    });
  });

  describe('refusal by status', () => {
    const overflow = {
      error: {
        message: "This model's maximum context length is 4096 tokens.",
        code: 'context_length_exceeded',
      },
    };
    const other = { error: { message: 'No.', type: 'invalid_request_error' } };

    test.each<[number, unknown, FailureCode]>([
      [429, { error: { message: 'Rate limit reached' } }, 'TUTOR_RATE_LIMITED'],
      [400, other, 'TUTOR_REFUSED'],
      [401, other, 'TUTOR_REFUSED'],
      [403, '<html>Forbidden</html>', 'TUTOR_REFUSED'],
      [404, { error: 'model not found' }, 'TUTOR_REFUSED'],
      [400, overflow, 'CONTEXT_TOO_LONG'],
      [413, overflow, 'CONTEXT_TOO_LONG'],
      [500, { error: { message: 'the request exceeds the available context size' } }, 'CONTEXT_TOO_LONG'],
      [500, other, 'TUTOR_UNREACHABLE'],
      [502, '<html>Bad Gateway</html>', 'TUTOR_UNREACHABLE'],
      [503, '', 'TUTOR_UNREACHABLE'],
    ])('%i with %j is %s, after one call', async (status, body, expected) => {
      const { text, code, requests } = await read({ status, body });
      expect({ text, code }).toEqual({ text: '', code: expected });
      expect(requests).toHaveLength(1);
    });
  });

  describe('failure of the line', () => {
    test.each([
      ['a refused connection', 'http', 'ECONNREFUSED'],
      ['an address that is none', 'nothing', 'ERR_INVALID_PROTOCOL'],
    ])('%s is TUTOR_UNREACHABLE', async (_title, protocol, reason) => {
      await expect(readFrom(`${protocol}://127.0.0.1:${await freePort()}/v1`)).rejects.toMatchObject({
        code: 'TUTOR_UNREACHABLE',
        message: `the model could not be reached: ${reason}`,
      });
    });

    test('an https address whose server does not speak it is TUTOR_UNREACHABLE', async () => {
      const { url } = await start({ tokens: ['Hi'] });
      await expect(readFrom(url.replace('http:', 'https:'))).rejects.toMatchObject({
        code: 'TUTOR_UNREACHABLE',
      });
      expect(server?.requests).toEqual([]);
    });

    test('a line cut before the first byte is TUTOR_UNREACHABLE', async () => {
      const { code, requests } = await read({ ending: 'break' });
      expect(code).toBe('TUTOR_UNREACHABLE');
      expect(requests).toHaveLength(1);
    });

    test('a line cut in the middle is TUTOR_INTERRUPTED, and the text before it stands', async () => {
      let received = '';
      const { url } = await start({
        tokens: (async function* () {
          yield 'Hel';
          yield 'lo';
          await eventually(() => received === 'Hello');
        })(),
        ending: 'break',
      });
      const reading = createTutor(url).reply(exampleContext('hi'), never, (piece) => {
        received += piece;
      });
      await expect(reading).rejects.toMatchObject({ code: 'TUTOR_INTERRUPTED' });
      expect(received).toBe('Hello');
    });

    test('a stream that ends without a finish reason is TUTOR_INTERRUPTED', async () => {
      const { text, code } = await read({ tokens: ['Hel', 'lo'], ending: 'end' });
      expect({ text, code }).toEqual({ text: 'Hello', code: 'TUTOR_INTERRUPTED' });
    });

    test('a finish reason that tells of an error is TUTOR_INTERRUPTED', async () => {
      const { text, code } = await read({
        tokens: [
          'Hel',
          {
            raw: 'data: {"error":{"code":502,"message":"gone"},"choices":[{"index":0,"delta":{},"finish_reason":"error"}]}\n\n',
          },
        ],
        ending: 'end',
      });
      expect({ text, code }).toEqual({ text: 'Hel', code: 'TUTOR_INTERRUPTED' });
    });

    test('an empty finish reason finishes nothing', async () => {
      const { text, code } = await read({
        tokens: [{ raw: 'data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":""}]}\n\n' }],
        ending: 'end',
      });
      expect({ text, code }).toEqual({ text: 'Hel', code: 'TUTOR_INTERRUPTED' });
    });

    test('an answer without any text is TUTOR_INTERRUPTED', async () => {
      const { code } = await read({
        tokens: [{ delta: { reasoning_content: 'Hm.' } }],
        finishReason: 'length',
      });
      expect(code).toBe('TUTOR_INTERRUPTED');
    });

    test.each<[string, unknown]>([
      ['that do not begin', { error: { message: 'No.' } }],
      ['of a page', '<html>Welcome</html>\n\n'],
      ['of a whole answer', { choices: [{ message: { content: 'Hello' }, finish_reason: 'stop' }] }],
      ['of nothing', ''],
    ])('events %s in a reply by 200 are TUTOR_INTERRUPTED', async (_title, body) => {
      const { text, code, requests } = await read({ status: 200, body });
      expect({ text, code }).toEqual({ text: '', code: 'TUTOR_INTERRUPTED' });
      expect(requests).toHaveLength(1);
    });

    test.each([
      ['without choices', '{"object":"ping"}'],
      ['whose choices are no list', '{"choices":{}}'],
      ['that is no object', '"Hello"'],
      ['whose content is no text', '{"choices":[{"index":0,"delta":{"content":5}}]}'],
    ])('a chunk %s is TUTOR_INTERRUPTED', async (_title, data) => {
      const { text, code } = await read({ tokens: ['Hel', { raw: `data: ${data}\n\n` }, 'lo'] });
      expect({ text, code }).toEqual({ text: 'Hel', code: 'TUTOR_INTERRUPTED' });
    });

    test('a chunk that is not JSON is TUTOR_INTERRUPTED', async () => {
      const { text, code } = await read({ tokens: ['Hel', { raw: 'data: {"choi\n\n' }, 'lo'] });
      expect({ text, code }).toEqual({ text: 'Hel', code: 'TUTOR_INTERRUPTED' });
    });
  });

  describe('failure told in the stream', () => {
    test.each<[string, object, FailureCode]>([
      ['of its own', { message: 'CUDA out of memory', code: 500 }, 'TUTOR_INTERRUPTED'],
      ['a rate limit', { message: 'Rate limit reached', code: 'rate_limit_exceeded' }, 'TUTOR_RATE_LIMITED'],
      ['a full context', { message: 'too long', code: 'context_length_exceeded' }, 'CONTEXT_TOO_LONG'],
    ])('%s: the text before it stands', async (_title, error, expected) => {
      const { text, code } = await read({
        tokens: ['Hel', { raw: `data: ${JSON.stringify({ error })}\n\n` }],
        ending: 'hang',
      });
      expect({ text, code }).toEqual({ text: 'Hel', code: expected });
    });

    test.each<[string, string, FailureCode]>([
      ['as text', '{"error":"rate limit exceeded"}', 'TUTOR_RATE_LIMITED'],
      [
        'in place of a chunk',
        '{"object":"error","message":"maximum context length is 10"}',
        'CONTEXT_TOO_LONG',
      ],
      ['beside choices', '{"choices":[],"error":{"message":"too many requests"}}', 'TUTOR_RATE_LIMITED'],
    ])('may be told %s', async (_title, data, expected) => {
      const { text, code } = await read({
        tokens: ['Hel', { raw: `event: error\ndata: ${data}\n\n` }],
        ending: 'hang',
      });
      expect({ text, code }).toEqual({ text: 'Hel', code: expected });
    });

    test('a content filter is TUTOR_REFUSED', async () => {
      const { text, code } = await read({ tokens: ['Hel'], finishReason: 'content_filter' });
      expect({ text, code }).toEqual({ text: 'Hel', code: 'TUTOR_REFUSED' });
    });

    test('a refusal of the model is TUTOR_REFUSED', async () => {
      const { code } = await read({ tokens: [{ delta: { refusal: 'I cannot help with that.' } }] });
      expect(code).toBe('TUTOR_REFUSED');
    });
  });

  describe('silence', () => {
    test('before the first byte is TUTOR_TIMEOUT and closes the call', async () => {
      const { code, requests } = await read({ ending: 'hang' }, { firstTokenTimeoutMs: 300 });
      expect(code).toBe('TUTOR_TIMEOUT');
      await eventually(() => requests[0]?.aborted);
      expect(requests).toHaveLength(1);
    });

    test('after the headers and before the first token is TUTOR_TIMEOUT', async () => {
      const { code, requests } = await read({ tokens: [], ending: 'hang' }, { firstTokenTimeoutMs: 300 });
      expect(code).toBe('TUTOR_TIMEOUT');
      await eventually(() => requests[0]?.aborted);
    });

    test('between tokens is TUTOR_TIMEOUT, the text before it stands, and the call is closed', async () => {
      const { text, code, requests } = await read(
        { tokens: ['Hel', 'lo'], ending: 'hang' },
        { idleTimeoutMs: 600 },
      );
      expect({ text, code }).toEqual({ text: 'Hello', code: 'TUTOR_TIMEOUT' });
      await eventually(() => requests[0]?.aborted);
    });

    test('is not broken by comments or empty pieces', async () => {
      const { code } = await read(
        {
          tokens: (async function* () {
            yield 'Hel';
            for (;;) {
              const at = performance.now();
              await eventually(() => performance.now() - at > 20);
              yield { raw: ': ping\n\n' };
              yield '';
            }
          })(),
        },
        { idleTimeoutMs: 150 },
      );
      expect(code).toBe('TUTOR_TIMEOUT');
    });
  });

  describe('failures', () => {
    test.each([
      ['a refusal', { status: 401, body: { error: { message: `Incorrect API key provided: ${apiKey}` } } }],
      ['a refusal in HTML', { status: 502, body: `<html>upstream ${apiKey}</html>` }],
      [
        'a report in the stream',
        { tokens: [{ raw: `data: {"error":{"message":"bad ${apiKey}"}}\n\n` }], ending: 'hang' },
      ],
    ] as const)('hold neither key nor address nor cause: %s', async (_title, script) => {
      const { failure, url } = await read(script);
      const told = [failure?.message, failure?.stack, JSON.stringify(failure)].join('\n');
      expect(failure?.message).toContain('[redacted]');
      expect(told).not.toContain(apiKey);
      expect(told).not.toContain(url);
      expect(told).not.toContain(new URL(url).host);
      expect(failure?.cause).toBeUndefined();
    });
  });
});

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
};

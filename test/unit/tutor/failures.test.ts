import { describe, expect, test } from '@jest/globals';
import { codeOfStatus, createFailures } from '../../../src/tutor/failures.ts';

/** What servers say when the context is full, as they word it. */
const full: readonly [string, number, string][] = [
  ['OpenAI', 400, '{"error":{"message":"…","code":"context_length_exceeded"}}'],
  ['vLLM', 400, "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens"],
  [
    'llama.cpp',
    400,
    '{"error":{"type":"exceed_context_size_error","message":"the request exceeds the available context size"}}',
  ],
  ['LM Studio', 400, 'Trying to keep the first 5000 tokens when context the overflows.'],
  ['Groq', 413, '{"error":{"message":"Request too large","code":"rate_limit_exceeded"}}'],
  ['Gemini', 400, 'The input token count (1200000) exceeds the maximum number of tokens allowed'],
];

describe('code of a status', () => {
  test.each(full)('%s says by %i that the context is full', (_server, status, body) => {
    expect(codeOfStatus(status, body)).toBe('CONTEXT_TOO_LONG');
  });

  test('the wording does not turn other refusals into a full context', () => {
    expect(codeOfStatus(429, 'context_length_exceeded')).toBe('TUTOR_RATE_LIMITED');
    expect(codeOfStatus(401, 'context_length_exceeded')).toBe('TUTOR_REFUSED');
  });

  test('the time-out of a gateway in front of the model is temporary', () => {
    expect(codeOfStatus(408, '')).toBe('TUTOR_TIMEOUT');
    expect(codeOfStatus(504, '')).toBe('TUTOR_UNREACHABLE');
  });
});

describe('failure of the line', () => {
  const failures = createFailures({ baseUrl: 'http://model.internal/v1', apiKey: null });
  const unresolved = Object.assign(new Error('getaddrinfo ENOTFOUND model.internal'), { code: 'ENOTFOUND' });

  test('is told by the code of the system, without the address', () => {
    expect(failures.ofCall(unresolved, 'request')).toMatchObject({
      code: 'TUTOR_UNREACHABLE',
      message: 'the model could not be reached: ENOTFOUND',
    });
  });

  test('is told by the code of its innermost cause', () => {
    expect(failures.ofCall(new Error('failed', { cause: unresolved }), 'stream')).toMatchObject({
      code: 'TUTOR_INTERRUPTED',
      message: 'the model broke off: ENOTFOUND',
    });
  });
});

import { expect, test } from '@jest/globals';
import type { TokenSource } from '../../../web/src/auth/token-source.ts';
import { createAuthorizedFetch } from '../../../web/src/graphql/authorized-fetch.ts';
import { eventually } from '../../support/eventually.ts';

const createTrial = (bodies: readonly object[]) => {
  const sent: (string | null)[] = [];
  const tokens: TokenSource = { token: async (options) => (options?.fresh ? 'new' : 'old'), dispose() {} };
  const fetch = createAuthorizedFetch({
    tokens,
    async send(_input, init) {
      sent.push(new Headers(init?.headers).get('authorization'));
      return Response.json(bodies[sent.length - 1]);
    },
  });
  return { fetch, sent };
};

test('a refused token is replaced once', async () => {
  const refusal = { errors: [{ message: 'No.', extensions: { code: 'UNAUTHENTICATED' } }] };
  const { fetch, sent } = createTrial([refusal, { data: { viewer: 1 } }]);
  expect(await (await fetch('/graphql')).json()).toEqual({ data: { viewer: 1 } });
  expect(sent).toEqual(['Bearer old', 'Bearer new']);
});

test('the word in a message is no refusal', async () => {
  const { fetch, sent } = createTrial([{ data: { text: 'UNAUTHENTICATED' } }]);
  await fetch('/graphql');
  expect(sent).toEqual(['Bearer old']);
});

test('a request is given up in time, and with who made it', async () => {
  const tokens: TokenSource = { token: async () => 'one', dispose() {} };
  const signals: (AbortSignal | null | undefined)[] = [];
  const createWith = (waitMs: number) =>
    createAuthorizedFetch({
      tokens,
      async send(_input, init) {
        signals.push(init?.signal);
        return Response.json({});
      },
      waitMs,
    });
  await createWith(1)('/graphql');
  await eventually(() => signals[0]?.aborted);
  const left = new AbortController();
  await createWith(60_000)('/graphql', { signal: left.signal });
  expect(signals[1]?.aborted).toBe(false);
  left.abort();
  expect(signals[1]?.aborted).toBe(true);
});

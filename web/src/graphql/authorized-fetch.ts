import type { TokenSource } from '../auth/token-source.ts';

interface GraphqlBody {
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[];
}

const refusal = 'UNAUTHENTICATED';

const isRefused = async (response: Response): Promise<boolean> => {
  if (response.status === 401) return true;
  const text = await response.clone().text();
  if (!text.includes(`"${refusal}"`)) return false;
  try {
    // Somebody may have written the word.
    const { errors } = JSON.parse(text) as GraphqlBody;
    return errors?.some(({ extensions }) => extensions?.code === refusal) ?? false;
  } catch {
    return false;
  }
};

export interface AuthorizedFetchOptions {
  readonly tokens: TokenSource;
  readonly send: typeof fetch;
  /** A network may die without a word; whoever waits behind a request would wait as long as the browser. @default 15_000 ms */
  readonly waitMs?: number;
}

/** Sends the token of its source; a refused one is replaced once. Rejects when there is no answer in time. */
export const createAuthorizedFetch =
  ({ tokens, send, waitMs = 15_000 }: AuthorizedFetchOptions): typeof fetch =>
  async (input, init) => {
    const attempt = async (fresh: boolean) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await tokens.token({ fresh })}`);
      const late = AbortSignal.timeout(waitMs);
      const signal = init?.signal ? AbortSignal.any([init.signal, late]) : late;
      return send(input, { ...init, headers, signal });
    };
    const response = await attempt(false);
    return (await isRefused(response)) ? attempt(true) : response;
  };

import type { TokenSource } from '../auth/token-source.ts';

const isRefused = async (response: Response): Promise<boolean> =>
  response.status === 401 || (await response.clone().text()).includes('"UNAUTHENTICATED"');

/** Sends the token of its source; a refused one is replaced once. */
export const createAuthorizedFetch =
  (tokens: TokenSource, send: typeof fetch): typeof fetch =>
  async (input, init) => {
    const attempt = async (fresh: boolean) => {
      const headers = new Headers(init?.headers);
      headers.set('authorization', `Bearer ${await tokens.token({ fresh })}`);
      return send(input, { ...init, headers });
    };
    const response = await attempt(false);
    return (await isRefused(response)) ? attempt(true) : response;
  };

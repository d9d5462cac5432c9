import { TokenError } from './token-error.ts';
import { createCachedTokens, type TokenSource } from './token-source.ts';

interface TokenRequest {
  readonly credentials: 'include';
  readonly cache: 'no-store';
  readonly signal: AbortSignal;
}

export interface AddressTokensOptions {
  readonly address: string;
  readonly fetch: (address: string, init: TokenRequest) => Promise<Response>;
  /** Goes to the page where people sign in. */
  readonly goTo: (location: string) => void;
  /** Everybody who wants a token waits for the same request: one that never ends would hold them all. @default 10000 */
  readonly waitMs?: number;
}

const isWebAddress = (location: unknown): location is string =>
  typeof location === 'string' && /^https?:\/\//i.test(location);

interface Answer {
  readonly token?: unknown;
  readonly location?: unknown;
}

const isAnswer = (body: unknown): body is Answer => typeof body === 'object' && body !== null;

/** Undefined when it is no JSON. What ends in the middle is no answer at all. */
const readBody = async (response: Response): Promise<unknown> => {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const ifItLasts = 'If this lasts, tell whoever runs this page.';

/** Nobody was asked, or nothing was understood: the browser does not tell a page whether it is the network or the other server. */
const unreachable = () =>
  new TokenError(`The sign-in service cannot be reached. Check your connection. ${ifItLasts}`);

const isTimeout = (error: unknown): boolean => error instanceof DOMException && error.name === 'TimeoutError';

/** Tokens of a sign-in address of the product, which knows people by its own cookie. Kept in memory only. */
export const createAddressTokens = ({
  address,
  fetch,
  goTo,
  waitMs = 10_000,
}: AddressTokensOptions): TokenSource => {
  const ask = async () => {
    const signal = AbortSignal.timeout(waitMs);
    try {
      const response = await fetch(address, { credentials: 'include', cache: 'no-store', signal });
      return { response, body: await readBody(response) };
    } catch (error) {
      throw isTimeout(error)
        ? new TokenError(`The sign-in service does not answer. ${ifItLasts}`)
        : unreachable();
    }
  };
  return createCachedTokens(async () => {
    const { response, body } = await ask();
    const { status, ok } = response;
    const { token, location } = isAnswer(body) ? body : {};
    if (status === 401 && isWebAddress(location)) {
      goTo(location);
      throw new TokenError('You are not signed in, and are being taken to the page where you can.');
    }
    if (status === 401)
      throw new TokenError(
        'You are not signed in. Sign in where you usually do, then come back to this page.',
      );
    if (!ok || typeof token !== 'string')
      throw new TokenError(`The sign-in service answered with ${status} and no token. ${ifItLasts}`);
    return token;
  });
};

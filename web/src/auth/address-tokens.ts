import { createCachedTokens, type TokenSource } from './token-source.ts';

export interface AddressTokensOptions {
  readonly address: string;
  readonly fetch: (address: string, init: { credentials: 'include'; cache: 'no-store' }) => Promise<Response>;
  /** Goes to the page where people sign in. */
  readonly goTo: (location: string) => void;
}

const isWebAddress = (location: unknown): location is string =>
  typeof location === 'string' && /^https?:\/\//i.test(location);

/** Tokens of a sign-in address of the product, which knows people by its own cookie. Kept in memory only. */
export const createAddressTokens = ({ address, fetch, goTo }: AddressTokensOptions): TokenSource =>
  createCachedTokens(async () => {
    const response = await fetch(address, { credentials: 'include', cache: 'no-store' });
    const body = (await response.json()) as { token?: unknown; location?: unknown };
    if (response.status === 401 && isWebAddress(body.location)) {
      goTo(body.location);
      throw new Error('Not signed in.');
    }
    if (!response.ok || typeof body.token !== 'string')
      throw new Error(`The sign-in address answered with ${response.status} and no token.`);
    return body.token;
  });

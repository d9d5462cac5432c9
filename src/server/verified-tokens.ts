import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AuthToken } from './auth.ts';

/**
 * What tokens said that were verified before, so that thousands of clients that come back with the same ones cost no signature
 * each. Only its hash is kept of a token.
 */
export interface VerifiedTokens {
  /** Null: not verified with the keys of now, forgotten, or expired. */
  find(token: string): AuthToken | null;
  /** `keys`: those it was verified with. */
  add(token: string, verified: AuthToken, keys: unknown): void;
}

export interface VerifiedTokensOptions {
  readonly now: () => number;
  /** The keys that would verify a token now, compared by identity; null: they have to be read first. */
  readonly keys: () => unknown;
  /** @default 20_000 */
  readonly max?: number;
}

interface Entry {
  readonly verified: AuthToken;
  readonly keys: unknown;
}

const hashOf = (token: string): string => hash('sha256', token, 'base64url');

export const createVerifiedTokens = ({ now, keys, max = 20_000 }: VerifiedTokensOptions): VerifiedTokens => {
  const entries = new LRUCache<string, Entry>({ max });

  return {
    find(token) {
      const key = hashOf(token);
      const entry = entries.get(key);
      if (!entry) return null;
      // A key is withdrawn by leaving the set, and its tokens with it.
      if (entry.keys === keys() && entry.verified.expiresAt.getTime() > now()) return entry.verified;
      entries.delete(key);
      return null;
    },
    add(token, verified, verifiedWith) {
      if (verifiedWith !== null) entries.set(hashOf(token), { verified, keys: verifiedWith });
    },
  };
};

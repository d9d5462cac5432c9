import { type KeyValueStorage, readJson } from '../ui/storage.ts';
import { TokenError } from './token-error.ts';
import { createCachedTokens, type TokenSource } from './token-source.ts';

export type SignInRole = 'LEARNER' | 'ADMIN';

export interface DevelopmentUser {
  readonly name: string;
  readonly role: SignInRole;
}

interface Kept extends DevelopmentUser {
  readonly token: string;
  readonly expiresAt: string;
}

const key = 'edagent.development';
const marginMs = 5_000;

const isKept = (value: unknown): value is Kept =>
  typeof value === 'object' && value !== null && 'token' in value && 'name' in value && 'expiresAt' in value;

const signedOut = () => new TokenError('You were signed out. Sign in again.');

const requestToken = async (user: DevelopmentUser): Promise<Kept> => {
  const response = await fetch('/web/sign-in', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: user.name, role: user.role }),
  });
  if (!response.ok) throw new TokenError(`Signing in failed: the server answered with ${response.status}.`);
  const { token, expiresAt } = (await response.json()) as { token: string; expiresAt: string };
  return { name: user.name, role: user.role, token, expiresAt };
};

export interface DevelopmentSignIn {
  /** Who signed in here before, in this tab. */
  current(): DevelopmentUser | undefined;
  signIn(user: DevelopmentUser): Promise<void>;
  signOut(): void;
  tokens(): TokenSource;
}

/** Tokens of the server itself, kept for the tab so that a reload does not ask again. */
export const createDevelopmentSignIn = (
  storage: KeyValueStorage,
  now: () => number = Date.now,
): DevelopmentSignIn => {
  const kept = (): Kept | undefined => {
    const value = readJson(storage, key);
    return isKept(value) ? value : undefined;
  };
  const keep = (value: Kept) => {
    storage.setItem(key, JSON.stringify(value));
    return value.token;
  };
  const isValid = ({ expiresAt }: Kept) => Date.parse(expiresAt) - now() > marginMs;

  return {
    current: kept,
    async signIn(user) {
      keep(await requestToken(user));
    },
    signOut: () => storage.removeItem(key),
    tokens() {
      const cached = createCachedTokens(async () => {
        const before = kept();
        if (!before) throw signedOut();
        const renewed = await requestToken(before);
        // Whoever signed out meanwhile would otherwise be signed in again by the next reload.
        if (kept()?.token !== before.token) throw signedOut();
        return keep(renewed);
      });
      return {
        async token(options) {
          const before = kept();
          return before && isValid(before) && !options?.fresh ? before.token : cached.token({ fresh: true });
        },
        dispose: cached.dispose,
      };
    },
  };
};

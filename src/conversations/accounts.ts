import DataLoader from 'dataloader';
import { LRUCache } from 'lru-cache';
import type { Profile, User } from '../domain/entities.ts';
import { badInput, EdAgentError } from '../domain/errors.ts';
import { assertText } from '../domain/text.ts';
import type { Store } from '../store/port.ts';
import type { Accounts, Usage, Viewer } from './port.ts';

export interface AccountsOptions {
  readonly store: Store;
  readonly now: () => Date;
  /** How long a user is not read again: bounds how late a block is seen without pub/sub. @default 2000 */
  readonly cacheMs?: number;
  /** How long a user is admitted without being read again. @default 30_000 */
  readonly admitMs?: number;
}

const maxInterests = 20;
const usageWindowMs = 24 * 60 * 60_000;

const assertProfile = (change: Partial<Profile>): void => {
  if (change.goals !== undefined) assertText(change.goals, { field: 'goals', min: 0, max: 2_000 });
  if (change.level !== undefined) assertText(change.level, { field: 'level', min: 0, max: 200 });
  if (change.interests === undefined) return;
  if (change.interests.length > maxInterests) {
    throw badInput('interests', `too many: ${change.interests.length}, at most ${maxInterests} are allowed.`);
  }
  for (const interest of change.interests) assertText(interest, { field: 'interests', min: 1, max: 100 });
};

export const createAccounts = ({
  store,
  now,
  cacheMs = 2_000,
  admitMs = 30_000,
}: AccountsOptions): Accounts => {
  /** Promises, so that the operations of one moment make one query. */
  const cache = new LRUCache<string, Promise<User>>({ max: 10_000, ttl: cacheMs });
  const admitted = new LRUCache<string, Pick<Viewer, 'name' | 'role'>>({ max: 10_000, ttl: admitMs });
  /** Counts what was forgotten: what was read before that admits nobody. */
  let forgotten = 0;

  /** One query for the users of one page; nothing is kept. */
  const byId = new DataLoader<string, User | null>(
    async (ids) => {
      const users = new Map((await store.users.findMany(ids)).map((user) => [user.id, user]));
      return ids.map((id) => users.get(id) ?? null);
    },
    { cache: false },
  );

  const ensure = (viewer: Viewer): Promise<User> => {
    const loading = store.users.ensure({ id: viewer.userId, name: viewer.name, role: viewer.role });
    cache.set(viewer.userId, loading);
    loading.catch(() => cache.delete(viewer.userId));
    return loading;
  };

  const load = async (viewer: Viewer): Promise<User> => {
    let user = await (cache.get(viewer.userId) ?? ensure(viewer));
    if (user.name !== viewer.name || user.role !== viewer.role) user = await ensure(viewer);
    if (user.blockedAt !== null) {
      throw new EdAgentError('UNAUTHENTICATED', 'This account is blocked: ask an administrator.');
    }
    return user;
  };

  return {
    load,
    async admit(viewer) {
      const known = admitted.get(viewer.userId);
      if (known && known.name === viewer.name && known.role === viewer.role) return;
      const before = forgotten;
      await load(viewer);
      if (forgotten === before) admitted.set(viewer.userId, { name: viewer.name, role: viewer.role });
    },
    find: (userId) => byId.load(userId),
    async updateProfile(viewer, change) {
      assertProfile(change);
      const user = await store.users.updateProfile(viewer.userId, change);
      cache.set(viewer.userId, Promise.resolve(user));
      return user;
    },
    async usage(viewer): Promise<Usage> {
      const since = new Date(now().getTime() - usageWindowMs).toISOString();
      return { since, ...(await store.answers.usageOf(viewer.userId, since)) };
    },
    forget(userId) {
      forgotten += 1;
      cache.delete(userId);
      admitted.delete(userId);
    },
  };
};

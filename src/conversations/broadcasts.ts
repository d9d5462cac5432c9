import { badInput, notFound } from '../domain/errors.ts';
import { assertClientId, assertText, isEntityId } from '../domain/text.ts';
import type { Feeds } from '../feed/port.ts';
import type { Store } from '../store/port.ts';
import type { Broadcasts } from './port.ts';

export interface BroadcastsOptions {
  readonly store: Store;
  readonly feeds: Feeds;
  readonly now: () => Date;
  /** How long a broadcast lives when its sender does not say. @default 30 days */
  readonly lifetimeMs?: number;
  /** How many connections these users have over all nodes; null: all. */
  readonly countConnections: (userIds: readonly string[] | null) => Promise<number>;
  /** Told of each that was stored. */
  readonly onBroadcast?: () => void;
}

const maxTextLength = 2_000;
const maxUsers = 1_000;

export const createBroadcasts = (options: BroadcastsOptions): Broadcasts => {
  const { store, feeds, now, lifetimeMs = 30 * 24 * 60 * 60_000 } = options;
  const { countConnections, onBroadcast } = options;

  const parseExpiry = (expiresAt: string | null): string => {
    if (expiresAt === null) return new Date(now().getTime() + lifetimeMs).toISOString();
    const time = new Date(expiresAt);
    if (Number.isNaN(time.getTime())) throw badInput('expiresAt', 'not a time; give it as ISO 8601.');
    if (time <= now()) throw badInput('expiresAt', 'lies in the past.');
    return time.toISOString();
  };

  const parseUsers = (userIds: readonly string[] | null): readonly string[] | null => {
    if (userIds === null) return null;
    if (userIds.length === 0) throw badInput('userIds', 'must not be empty; leave it out to reach all.');
    if (userIds.length > maxUsers) {
      throw badInput('userIds', `too many: ${userIds.length}, at most ${maxUsers} are allowed.`);
    }
    return [...new Set(userIds)].sort((a, b) => (a < b ? -1 : 1));
  };

  return {
    async send(viewer, request) {
      assertClientId(request.clientBroadcastId, 'clientBroadcastId');
      assertText(request.text, { field: 'text', min: 1, max: maxTextLength });
      const userIds = parseUsers(request.userIds);
      const outcome = await store.broadcasts.add({
        senderId: viewer.userId,
        clientBroadcastId: request.clientBroadcastId,
        text: request.text,
        userIds,
        expiresAt: parseExpiry(request.expiresAt),
      });
      if (outcome.kind === 'conflict') {
        throw badInput('clientBroadcastId', 'was used before with other content; make a new id.');
      }
      if (outcome.kind === 'unknown-users') {
        throw badInput('userIds', `unknown: ${outcome.userIds.slice(0, 10).join(', ')}.`);
      }
      feeds.announce(outcome.placed);
      if (!outcome.repeated) onBroadcast?.();
      return { broadcast: outcome.result, connectionCount: await countConnections(userIds) };
    },

    page: (page) => store.broadcasts.page(page),
    pageFor: (viewer, unreadOnly, page) => store.broadcasts.pageFor(viewer.userId, unreadOnly, page),

    async markRead(viewer, id) {
      const outcome = isEntityId(id) ? await store.broadcasts.markRead(id, viewer.userId) : null;
      if (outcome?.kind !== 'done') throw notFound('broadcast');
      feeds.announce(outcome.placed);
      return outcome.result;
    },
  };
};

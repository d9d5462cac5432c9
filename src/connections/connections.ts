import { EdAgentError, notFound } from '../domain/errors.ts';
import { assertStorable, isStorable } from '../domain/text.ts';
import type { PubSub } from '../pubsub/port.ts';
import type { Disconnect, Store } from '../store/port.ts';
import { newId } from '../util/id.ts';
import type { Log } from '../util/log.ts';
import { spread } from '../util/spread.ts';
import { closeCodes } from './close-codes.ts';
import { OverloadedError } from './overloaded.ts';
import { type NodeInfo, type Presence, presenceRefreshMs } from './port.ts';
import { createPresenceWriter } from './presence-writer.ts';
import { createRates } from './rates.ts';
import { createRegistry } from './registry.ts';
import type { Connections } from './service-port.ts';
import { createStatusReader } from './status.ts';

export interface ConnectionsOptions {
  readonly nodeId: string;
  readonly version: string;
  readonly store: Store;
  readonly pubsub: PubSub;
  readonly presence: Presence;
  readonly log: Log;
  readonly now: () => Date;
  /** Over all nodes. @default 20 */
  readonly maxPerUser?: number;
  /** On this node. @default 20000 */
  readonly maxConnections?: number;
  readonly answersInProgress: () => number;
  readonly isDraining: () => boolean;
  /** A user's role, name or block changed somewhere. */
  readonly onUserChanged: (userId: string) => void;
}

/** How often the store is asked for cuts and blocks that were not heard by pub/sub. */
const checkEveryMs = 2_000;
/** Beyond the time since the last check: for what was committed late, and for clients that were just connecting. */
const checkMarginMs = 15_000;
const blockedReason = 'Blocked';
/** A few connections need not wait for the whole time that is there for many. */
const closingEveryMs = 40;

export const createConnections = async (options: ConnectionsOptions): Promise<Connections> => {
  const { nodeId, store, pubsub, presence, log, now, maxPerUser = 20, maxConnections = 20_000 } = options;
  const startedAt = now().toISOString();
  /** Ids of cuts, and when they were obeyed. */
  const obeyed = new Map<string, number>();
  /** The store was last asked with success; monotonic. */
  let checkedAt = performance.now();

  const quietly = (what: string, work: Promise<unknown>): void => {
    work.catch((error: unknown) => log.debug({ err: error }, `${what}: not now`));
  };

  const registry = createRegistry({
    nodeId,
    now,
    onRemove: (info) => writer.touch(info),
  });
  const writer = createPresenceWriter({
    presence,
    registry,
    onFailure: (error) => log.debug({ err: error }, 'telling presence: not now'),
  });

  const nodeInfo = (): NodeInfo => ({
    id: nodeId,
    startedAt,
    version: options.version,
    connectionCount: registry.size,
    userCount: registry.userCount,
    answersInProgress: options.answersInProgress(),
    isDraining: options.isDraining(),
    residentBytes: process.memoryUsage.rss(),
  });

  const rates = createRates({
    now,
    gauges: () => ({
      connections: registry.size,
      userCount: registry.userCount,
      answersInProgress: options.answersInProgress(),
    }),
    onPoint: (point) => quietly('adding rates', presence.addRates(point)),
  });

  const assertRoom = (userId: string, everywhere: number): void => {
    if (registry.size >= maxConnections) throw new OverloadedError();
    if (Math.max(registry.countOf(userId), everywhere) < maxPerUser) return;
    throw new EdAgentError('RATE_LIMITED', `Too many connections: at most ${maxPerUser} for each user.`, {
      retryAfterMs: 10_000,
    });
  };

  const refresh = async (): Promise<void> => {
    const isKnown = await presence.refresh(nodeInfo());
    const changed = registry.takeChanged();
    for (const info of isKnown ? changed : registry.infos()) writer.touch(info);
  };

  const status = createStatusReader({ presence, registry, rates, nodeInfo, now, log });

  /** Once on each node, however it was heard. */
  const obey = ({ id, connectionId, userId, reason }: Disconnect): void => {
    if (obeyed.has(id)) return;
    obeyed.set(id, performance.now());
    registry.close(
      (info) => info.id === connectionId || info.userId === userId,
      closeCodes.disconnected,
      reason ?? 'Disconnected by an administrator',
    );
  };

  const cutBlocked = (userIds: readonly string[]): void => {
    if (userIds.length === 0) return;
    const blocked = new Set(userIds);
    registry.close((info) => blocked.has(info.userId), closeCodes.unauthorized, blockedReason);
  };

  /** Those that no check names any more. */
  const forgetObeyed = (): void => {
    for (const [id, at] of obeyed) if (at < checkedAt - 2 * checkMarginMs) obeyed.delete(id);
  };

  /** All that happened since the check before, however long the store was away or this node stood still. */
  const checkStore = async (): Promise<void> => {
    const askedAt = performance.now();
    const ageMs = askedAt - checkedAt + checkMarginMs;
    const { disconnects, blockedUserIds } = await store.nodes.recentCuts(ageMs);
    for (const disconnect of disconnects) obey(disconnect);
    for (const userId of blockedUserIds) options.onUserChanged(userId);
    cutBlocked(blockedUserIds);
    checkedAt = askedAt;
    forgetObeyed();
  };

  const offControl = await pubsub.subscribe('control', (message) => {
    if (message.kind === 'disconnect') obey({ ...message, id: message.disconnectId });
    if (message.kind !== 'user-changed') return;
    options.onUserChanged(message.userId);
    if (message.blocked) cutBlocked([message.userId]);
  });
  // Cuts from before this node's start concern connections that were never here.
  const { disconnects: earlier } = await store.nodes.recentCuts(checkMarginMs);
  for (const { id } of earlier) obeyed.set(id, performance.now());

  const refreshTimer = setInterval(() => quietly('refreshing presence', refresh()), presenceRefreshMs);
  const checkTimer = setInterval(() => quietly('checking for cuts', checkStore()), checkEveryMs);
  const offUp = pubsub.onUp(() => quietly('refreshing presence', refresh()));
  quietly('refreshing presence', refresh());

  return {
    nodeId,

    async register(connection) {
      const { userId } = connection;
      assertRoom(userId, 0);
      const everywhere = await presence.countOf(userId).catch(() => 0);
      // Counted once more: others may have come meanwhile.
      assertRoom(userId, everywhere);
      const registered = registry.add(connection);
      writer.touch(connection);
      return registered;
    },

    status: (userId) => status.read(userId),
    history: (minutes) => status.history(minutes),
    page: (filter, first, after) => status.page(filter, first, after),
    watchStatus: () => status.watch(),
    countOf: (userIds) => status.countOf(userIds),

    async disconnect(by, reason) {
      if (reason !== null) assertStorable(reason, 'reason');
      if (!isStorable('connectionId' in by ? by.connectionId : by.userId)) return 0;
      const target =
        'connectionId' in by
          ? { connectionId: by.connectionId, userId: null }
          : { connectionId: null, userId: by.userId };
      const all = await status.connections(target.userId === null ? {} : { userId: target.userId });
      const count = all.filter(({ id }) => target.connectionId === null || id === target.connectionId).length;
      const disconnect: Disconnect = { id: newId(), ...target, reason };
      await store.nodes.addDisconnect(disconnect);
      obey(disconnect);
      const { id: disconnectId, ...rest } = disconnect;
      quietly('telling of a cut', pubsub.publish('control', { kind: 'disconnect', disconnectId, ...rest }));
      return count;
    },

    async setUserBlocked(userId, blocked, reason) {
      if (reason !== null) assertStorable(reason, 'reason');
      const user = await store.users.setBlocked(userId, blocked, reason);
      if (!user) throw notFound('user');
      options.onUserChanged(userId);
      if (blocked) cutBlocked([userId]);
      quietly('telling of a block', pubsub.publish('control', { kind: 'user-changed', userId, blocked }));
      return user;
    },

    countMessage: rates.countMessage,
    countDelta: rates.countDelta,
    countAnswer: rates.countAnswer,
    countBroadcast: rates.countBroadcast,
    countFirstToken: rates.countFirstToken,

    closeAll(code, reason, withinMs) {
      const closings = registry.closings(code, reason);
      return spread(closings, Math.min(withinMs, closings.length * closingEveryMs));
    },

    async dispose() {
      clearInterval(refreshTimer);
      clearInterval(checkTimer);
      offUp();
      offControl();
      rates.dispose();
      status.dispose();
      await writer.dispose();
      await presence.leave().catch(() => {});
    },
  };
};

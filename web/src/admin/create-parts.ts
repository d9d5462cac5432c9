import type { AdminApi } from './api.ts';
import { type BroadcastSender, createBroadcastSender } from './broadcast-sender.ts';
import { type BroadcastsList, createBroadcastsList } from './broadcasts-list.ts';
import { type ConnectionsList, createConnectionsList } from './connections-list.ts';
import { createKeptBroadcast } from './kept-broadcast.ts';
import { createLiveStatus, type LiveStatus } from './live-status.ts';

/** What the page shows. Each begins when it is first read and ends with its last reader. */
export interface AdminParts {
  readonly live: LiveStatus;
  readonly connections: ConnectionsList;
  readonly broadcasts: BroadcastsList;
  readonly sender: BroadcastSender;
}

/** Not `randomUUID`, which browsers keep from pages that came over plain HTTP. */
const newId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

export const createAdminParts = (api: AdminApi, viewerId: string): AdminParts => {
  const broadcasts = createBroadcastsList(api);
  return {
    live: createLiveStatus(api),
    connections: createConnectionsList({ load: api.loadConnections }),
    broadcasts,
    sender: createBroadcastSender({
      send: api.broadcast,
      onSent: broadcasts.add,
      newId,
      kept: createKeptBroadcast(() => sessionStorage, viewerId),
    }),
  };
};

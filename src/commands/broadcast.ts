import { newId } from '../util/id.ts';
import { type AccessOptions, openAccess } from './access.ts';
import { createApi } from './api.ts';
import type { CommandContext } from './context.ts';

export interface BroadcastOptions extends AccessOptions {
  readonly text: string;
  /** To all when none is named. */
  readonly to?: readonly string[];
  /** From now on, in milliseconds. */
  readonly expires?: number;
}

interface Sent {
  readonly broadcast: { readonly broadcast: { readonly id: string }; readonly connectionCount: number };
}

const document = /* GraphQL */ `
  mutation Broadcast($input: BroadcastInput!) {
    broadcast(input: $input) { broadcast { id } connectionCount }
  }
`;

export const broadcast = async (context: CommandContext, options: BroadcastOptions): Promise<void> => {
  const { text, to, expires } = options;
  const access = openAccess(context, options, { user: 'operator', name: 'Operator', role: 'admin' });
  const expiresAt = expires === undefined ? null : new Date(Date.now() + expires).toISOString();
  const input = { clientBroadcastId: newId(), text, userIds: to ?? null, expiresAt };
  const { broadcast: sent } = await createApi(access, context.signal).execute<Sent>(document, { input });
  const count = sent.connectionCount;
  context.print(`${sent.broadcast.id} sent to ${count} connection${count === 1 ? '' : 's'}`);
};

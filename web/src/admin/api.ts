import type { AnyVariables, Client, OperationResult, TypedDocumentNode } from 'urql';
import type {
  AdminConnectionsQueryVariables,
  AdminSetUserBlockedMutation,
  AdminSetUserBlockedMutationVariables,
  BroadcastInput,
  DisconnectInput,
} from '../generated/graphql.ts';
import type { SentBroadcast } from './broadcast-sender.ts';
import type { BroadcastsSource } from './broadcasts-list.ts';
import type { ConnectionPage } from './connections-list.ts';
import {
  AdminBroadcastDocument,
  AdminBroadcastEventsDocument,
  AdminBroadcastsDocument,
  AdminConnectionsDocument,
  AdminDisconnectDocument,
  AdminHistoryDocument,
  AdminSetUserBlockedDocument,
  AdminStatusDocument,
} from './documents.ts';
import type { StatusSource } from './live-status.ts';
import { type Outcome, type Refusal, toRefusal } from './refusal.ts';

export type BlockedUser = AdminSetUserBlockedMutation['setUserBlocked'];

/** All that the page asks of the server. A refusal is an outcome, never a throw. */
export interface AdminApi extends StatusSource, BroadcastsSource {
  loadConnections(variables: AdminConnectionsQueryVariables): Promise<Outcome<ConnectionPage>>;
  /** How many connections were cut. */
  disconnect(by: DisconnectInput, reason: string | null): Promise<Outcome<number>>;
  setUserBlocked(variables: AdminSetUserBlockedMutationVariables): Promise<Outcome<BlockedUser>>;
  broadcast(input: BroadcastInput): Promise<Outcome<SentBroadcast>>;
}

const toOutcome = <Data, Variables extends AnyVariables, T>(
  { data, error }: OperationResult<Data, Variables>,
  pick: (data: Data) => T,
): Outcome<T> => {
  if (error) return { kind: 'refused', refusal: toRefusal(error) };
  if (data === undefined) return { kind: 'refused', refusal: toRefusal({ graphQLErrors: [] }) };
  return { kind: 'done', value: pick(data) };
};

/** The server ends a subscription when the right to it has ended. */
const ended: Refusal = {
  code: 'ENDED',
  message: 'The server ended this.',
  field: null,
  isUnsure: false,
};

const fresh = { requestPolicy: 'network-only' } as const;

export const createAdminApi = (client: Client): AdminApi => {
  const query = async <Data, Variables extends AnyVariables, T>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    pick: (data: Data) => T,
  ): Promise<Outcome<T>> => toOutcome(await client.query(document, variables, fresh).toPromise(), pick);

  const mutate = async <Data, Variables extends AnyVariables, T>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    pick: (data: Data) => T,
  ): Promise<Outcome<T>> => toOutcome(await client.mutation(document, variables).toPromise(), pick);

  const follow = <Data, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    sink: { readonly next: (data: Data) => void; readonly failed: (refusal: Refusal) => void },
  ): (() => void) => {
    let last: Data | undefined;
    const { unsubscribe } = client.subscription(document, variables).subscribe(({ data, error, hasNext }) => {
      if (error) return sink.failed(toRefusal(error));
      // At the end urql gives what came last once more.
      if (!hasNext) return sink.failed(ended);
      if (data !== undefined && data !== last) sink.next(data);
      last = data;
    });
    return unsubscribe;
  };

  return {
    watchStatus: ({ next, failed }) =>
      follow(AdminStatusDocument, {}, { next: (data) => next(data.connectionStatusChanged), failed }),
    loadHistory: () => query(AdminHistoryDocument, {}, ({ connectionStatus }) => connectionStatus.history),
    loadConnections: (variables) =>
      query(AdminConnectionsDocument, variables, ({ connectionStatus: { at, connections } }) => ({
        ...connections,
        at,
      })),
    disconnect: (by, reason) =>
      mutate(AdminDisconnectDocument, { by, reason }, ({ disconnect }) => disconnect),
    setUserBlocked: (variables) =>
      mutate(AdminSetUserBlockedDocument, variables, ({ setUserBlocked }) => setUserBlocked),
    loadBroadcasts: (first, after) =>
      query(AdminBroadcastsDocument, { first, after }, ({ broadcasts }) => broadcasts),
    followBroadcasts: (cursor, { next, failed }) =>
      follow(
        AdminBroadcastEventsDocument,
        { after: [cursor] },
        { next: (data) => next(data.messageReceived), failed },
      ),
    broadcast: (input) => mutate(AdminBroadcastDocument, { input }, ({ broadcast }) => broadcast),
  };
};

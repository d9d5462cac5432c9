import { createEdAgentClient, type ResyncInfo } from 'edagent-client';
import type { Client, SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { closeCodes } from '../connections/close-codes.ts';
import { EdAgentError } from '../domain/errors.ts';
import type { Access } from './access.ts';
import { toApiError, type WireError } from './api.ts';
import { CommandError } from './exit.ts';

/** The API over a WebSocket that comes back by itself. */
export interface Live {
  /** One query or mutation. Sent again when the socket is lost before its result, so it must bear that. */
  execute<T>(document: string, variables?: Record<string, unknown>): Promise<T>;
  /** Resumes by itself. `failed` is called once, when to come back is no use or the server ends it with an error. */
  follow<T>(payload: SubscribePayload, sink: FollowSink<T>): () => void;
  dispose(): Promise<void>;
}

export interface FollowSink<T> {
  next(data: T): void;
  failed(error: Error): void;
  completed(): void;
}

export interface LiveOptions {
  readonly access: Access;
  /** For people: the connection was lost, or is back. */
  readonly note: (line: string) => void;
  /** Events were not delivered and will not be. */
  readonly onResync?: (info: ResyncInfo) => void;
}

const { unauthorized, forbidden } = closeCodes;
const normalClosure = 1000;
/** A chat that has just ended one subscription soon begins another. */
const lazyCloseTimeoutMs = 60_000;

interface Closed {
  readonly code: number;
  readonly reason: string;
}

const isClosed = (value: unknown): value is Closed =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  typeof value.code === 'number' &&
  'reason' in value;

const describe = (closed: unknown): string => {
  if (!isClosed(closed)) return '';
  return closed.reason === '' ? ` (${closed.code})` : ` (${closed.code}: ${closed.reason})`;
};

const toError = (failure: unknown): Error => {
  if (Array.isArray(failure)) return toApiError(failure[0] as WireError);
  if (isClosed(failure)) {
    const isAboutLogin = failure.code === unauthorized || failure.code === forbidden;
    return isAboutLogin
      ? new EdAgentError('UNAUTHENTICATED', failure.reason)
      : new CommandError('failed', `The server closed the connection for good${describe(failure)}`);
  }
  return failure instanceof Error ? failure : new CommandError('failed', String(failure));
};

/** The returned function ends it. */
const tellOfLosses = (client: Client, note: (line: string) => void): (() => void) => {
  let state: 'new' | 'up' | 'lost' = 'new';
  const offs = [
    client.on('closed', (closed) => {
      // Attempts that fail are closed too: tell of the first loss only.
      if (state !== 'up' || (isClosed(closed) && closed.code === normalClosure)) return;
      state = 'lost';
      note(`Connection lost${describe(closed)}: coming back by itself.`);
    }),
    client.on('connected', () => {
      if (state === 'lost') note('Connected again.');
      state = 'up';
    }),
  ];
  return () => {
    for (const off of offs) off();
  };
};

export const createLive = ({ access, note, onResync = () => {} }: LiveOptions): Live => {
  const client = createEdAgentClient({
    url: access.wsUrl,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ authorization: `Bearer ${await access.token()}` }),
    onResync,
    lazyCloseTimeout: lazyCloseTimeoutMs,
    shouldRetry: (failure) => !access.isOver() && (!(failure instanceof Error) || 'code' in failure),
  });
  const beSilent = tellOfLosses(client, note);

  const follow: Live['follow'] = <T>(payload: SubscribePayload, { next, failed, completed }: FollowSink<T>) =>
    client.subscribe<T>(payload, {
      next({ data, errors }) {
        if (errors?.[0]) failed(toApiError(errors[0]));
        else next(data as T);
      },
      error: (failure) => failed(toError(failure)),
      complete: completed,
    });

  return {
    follow,
    execute: <T>(query: string, variables: Record<string, unknown> = {}) =>
      new Promise<T>((resolve, reject) => {
        follow<T>(
          { query, variables },
          {
            next: resolve,
            failed: reject,
            completed: () =>
              reject(new CommandError('failed', 'the connection was closed before the answer came')),
          },
        );
      }),
    async dispose() {
      beSilent();
      await client.dispose();
    },
  };
};

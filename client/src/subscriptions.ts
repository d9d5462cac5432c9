import type { Client, FormattedExecutionResult, Sink, SubscribePayload } from 'graphql-ws/client';
import { createCursors, type ResyncCause } from './cursors.ts';
import { isSubscription } from './operation.ts';
import { createRetry } from './retry.ts';

export interface ResyncInfo {
  readonly cause: ResyncCause;
  /** The topics concerned: refetch what is shown of them. */
  readonly topics: readonly string[];
  /** What was given to `subscribe` or `iterate`. */
  readonly payload: SubscribePayload;
}

type Errors = NonNullable<FormattedExecutionResult['errors']>;

export interface RetryInfo {
  /** What the server said. */
  readonly errors: Errors;
  /** What was given to `subscribe` or `iterate`. */
  readonly payload: SubscribePayload;
}

export interface SubscriptionsOptions {
  /** @default Infinity */
  readonly retryAttempts?: number;
  /** @default growing waits of its own for each subscription */
  readonly retryWait?: (retries: number) => Promise<void>;
  readonly onResync?: (info: ResyncInfo) => void;
  readonly onRetry?: (info: RetryInfo) => void;
}

export interface Subscriptions {
  readonly subscribe: Client['subscribe'];
  /** Completes those that wait to be begun again; graphql-ws knows nothing of them. */
  dispose(): void;
}

/** Whether the same request may succeed later, by the word of the server. What ended may be a socket too. */
const areTemporary = (errors: unknown): errors is Errors =>
  (errors as Errors | undefined)?.[0]?.extensions?.temporary === true;

/**
 * Subscriptions that resume:
 *
 *     running ──(temporary error, and attempts are left)──▶ waiting ──(after the wait)──▶ running
 *        └──(complete, any other error, unsubscribe)──▶ ended ◀──(unsubscribe, dispose)──┘
 *
 * That a socket is lost and replaced happens inside `running`, by graphql-ws.
 */
export const createSubscriptions = (client: Client, options: SubscriptionsOptions): Subscriptions => {
  const { retryAttempts = Infinity, retryWait, onResync, onRetry } = options;
  const waiting = new Set<() => void>();

  const subscribe = <Data, Extensions>(
    request: SubscribePayload,
    sink: Sink<FormattedExecutionResult<Data, Extensions>>,
  ) => {
    const cursors = createCursors();
    const retry = createRetry(retryWait);
    let subscribes = 0;
    let stop = () => {};
    const payload: SubscribePayload = {
      ...request,
      // graphql-ws serializes the payload at every subscribe, the ones after a reconnect too.
      get extensions() {
        subscribes++;
        const after = cursors.after();
        return after[0] ? { ...request.extensions, after } : request.extensions;
      },
    };

    const pause = () => {
      const giveUp = () => {
        if (!waiting.delete(giveUp)) return;
        retry.wake();
        // Not in this call, as graphql-ws.
        queueMicrotask(() => sink.complete());
      };
      const goOn = () => {
        if (waiting.delete(giveUp)) run();
      };
      waiting.add(giveUp);
      stop = giveUp;
      retry.wait().then(goOn, goOn);
    };

    const run = () => {
      let isLeft = false;
      let isStopped = false;

      /** False when the errors are the app's. */
      const leaveFor = (errors: unknown): boolean => {
        if (!areTemporary(errors) || retry.retries() >= retryAttempts || !isSubscription(request))
          return false;
        isLeft = true;
        queueMicrotask(() => {
          // Not in this call, as in `stop`.
          unsubscribe();
          onRetry?.({ errors, payload: request });
        });
        pause();
        return true;
      };

      const unsubscribe = client.subscribe<Data, Extensions>(payload, {
        next(result) {
          // An event that could not be executed was not delivered: its cursor does not count.
          if (isLeft || isStopped || (result.data == null && leaveFor(result.errors))) return;
          retry.connected();
          const taken = cursors.take(result.extensions, subscribes);
          if (!taken) return;
          sink.next(result);
          // Not in this call: graphql-ws would close the socket for good if the hook threw.
          if (taken !== true) queueMicrotask(() => onResync?.({ ...taken, payload: request }));
        },
        error(error) {
          if (!leaveFor(error)) sink.error(error);
        },
        complete() {
          if (!isLeft) sink.complete();
        },
      });
      stop = () => {
        isStopped = true;
        // Not in this call: it may be that of a `next`, and graphql-ws would count it twice when the completion of the
        // server came with the result, and then close the socket under the other subscriptions.
        queueMicrotask(unsubscribe);
      };
    };

    run();
    return () => stop();
  };

  return {
    subscribe,
    dispose() {
      for (const giveUp of waiting) giveUp();
    },
  };
};

const firstRetryMs = 300;
const longestRetryMs = 5_000;
/** A connection that ends sooner has not proved that the server wants it. */
const steadyMs = 1_000;

/**
 * How long to wait before a retry, in milliseconds: at most 300 for the first (`retries` is 0), then twice as long each
 * time up to 5,000, with jitter of half, so that the clients of a node that died do not come back all at once.
 */
export const retryDelayMs = (retries: number, random: () => number = Math.random): number =>
  retries === 0
    ? random() * firstRetryMs
    : Math.min(longestRetryMs, firstRetryMs * 2 ** retries) * (0.5 + random() / 2);

/**
 * Counts retries itself, because graphql-ws begins again at 0 with every acknowledgement: a server that acknowledges and
 * then closes (over a limit, overloaded) would be asked again several times a second for ever.
 */
export interface Retry {
  /** How many there were since what is retried last held for a while. */
  retries(): number;
  /** To be called when what is retried begins to hold; again without effect, until the next wait. */
  connected(): void;
  /** For `retryWait` of graphql-ws. Never rejects by itself: graphql-ws would hang. */
  wait(): Promise<void>;
  /** Ends the wait in progress, if any and if it is of this kind. */
  wake(): void;
}

/** @param otherWait takes the place of the waits by `retryDelayMs`. */
export const createRetry = (otherWait?: (retries: number) => Promise<void>): Retry => {
  let count = 0;
  let connectedAt = 0;
  let wake = () => {};

  const retries = () => (connectedAt && performance.now() - connectedAt >= steadyMs ? 0 : count);

  return {
    retries,
    connected() {
      connectedAt ||= performance.now();
    },
    wait() {
      const before = retries();
      count = before + 1;
      connectedAt = 0;
      if (otherWait) return otherWait(before);
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, retryDelayMs(before));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    wake: () => wake(),
  };
};

/**
 * Asked only after graphql-ws itself has ruled out the close codes that are final (4400, 4401, 4406, 4409 …). Refused and
 * broken sockets come as events, not as errors; an error that is no close event is a peer that does not speak the
 * protocol, or a sink that threw, and would come again.
 */
export const isRetryable = (failure: unknown): boolean => !(failure instanceof Error) || 'code' in failure;

type Params<P> = P | (() => Promise<P> | P) | undefined;

export interface ClosableSocket {
  onmessage?: unknown;
  close(code: number, reason: string): void;
}

const paramsFailed = 4900;

/**
 * Makes a `connectionParams` that throws (the token could not be fetched) one more failed attempt. graphql-ws alone would
 * end all subscriptions for good. Closing the socket first makes it leave out `connection_init` and see a close event.
 *
 * @param currentSocket the socket that was opened last; read before the params are made, because another may follow.
 */
export const retryingParams = <P>(
  params: Params<P>,
  currentSocket: () => ClosableSocket | undefined,
): Params<P> => {
  if (typeof params !== 'function') return params;
  const make = params as () => Promise<P> | P;
  return async () => {
    const socket = currentSocket();
    try {
      return await make();
    } catch {
      socket?.close(paramsFailed, 'connectionParams failed');
      return undefined as P;
    }
  };
};

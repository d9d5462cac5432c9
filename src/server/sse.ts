import type { ServerResponse } from 'node:http';
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import type { Context, Services } from '../schema/context.ts';
import { atTime } from '../util/at-time.ts';
import type { SubscribeResult } from './subscribe.ts';

export interface SseOptions {
  readonly subscribe: (args: ExecutionArgs) => Promise<SubscribeResult>;
  readonly services: Services;
  readonly context: Context;
  readonly res: ServerResponse | undefined;
  /** A peer that took nothing of what waits for it for so long is cut. */
  readonly stallMs: number;
}

/** Cuts a response whose peer no longer reads: what waits stays in memory, and nothing else would ever end it. */
const watchStall = (res: ServerResponse, stallMs: number): (() => void) => {
  let isStalled = false;
  const onDrain = (): void => {
    isStalled = false;
  };
  const timer = setInterval(() => {
    if (isStalled) res.destroy();
    isStalled = res.writableNeedDrain;
  }, stallMs);
  res.on('drain', onDrain);
  return () => {
    clearInterval(timer);
    res.off('drain', onDrain);
  };
};

/**
 * A subscription over server-sent events is a connection of its own: counted, shown to admins, and cut like any other. A
 * cut breaks the response off instead of completing it, so that clients come back.
 */
export const trackSseConnection =
  ({ subscribe, services, context, res, stallMs }: SseOptions) =>
  async (args: ExecutionArgs): Promise<SubscribeResult> => {
    const { viewer } = context;
    if (!viewer || !res) return subscribe(args);
    await services.accounts.load(viewer);
    const cut = (): void => {
      res.destroy();
    };
    const sent = { messagesOut: 0 };
    const connection = await services.connections.register({
      id: context.connectionId,
      userId: viewer.userId,
      userName: viewer.name,
      transport: 'SSE',
      userAgent: res.req.headers['user-agent'] ?? null,
      sent,
      close: cut,
    });
    const result = await subscribe(args).catch((error: unknown) => {
      connection.remove();
      throw error;
    });
    if (!(Symbol.asyncIterator in result)) {
      connection.remove();
      return result;
    }
    connection.countIn();
    connection.subscriptionBegan();
    const cancelExpiry = context.tokenExpiresAt ? atTime(context.tokenExpiresAt, cut) : () => {};
    const stopWatching = watchStall(res, stallMs);
    const leave = (): void => {
      cancelExpiry();
      stopWatching();
      connection.remove();
    };
    const leaveAndReturn = (): void => {
      leave();
      void result.return?.();
    };
    // A client that left while this was made: nobody would ever iterate, or return.
    if (res.destroyed) leaveAndReturn();
    else res.once('close', leaveAndReturn);

    const tracked: AsyncIterableIterator<ExecutionResult> = {
      async next() {
        const step = await result.next();
        if (step.done) leave();
        else sent.messagesOut += 1;
        return step;
      },
      async return() {
        leave();
        return (await result.return?.()) ?? { value: undefined, done: true };
      },
      [Symbol.asyncIterator]: () => tracked,
    };
    return tracked;
  };

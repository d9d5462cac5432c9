import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import { extensionsOf } from './event-extensions.ts';
import type { MaskError } from './mask-error.ts';

/**
 * graphql-js' subscribe, with three differences: a result carries `extensions` made from the event it was executed for, so
 * that a client helper works with any document; `return()` reaches the source at once, also while it is idle; and it never
 * throws, neither at the begin nor later: a bug becomes the last result, masked, and ends this subscription alone.
 */
export type SubscribeResult = AsyncIterableIterator<ExecutionResult> | ExecutionResult;

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value;

export interface SubscribeOptions {
  readonly maskError: MaskError;
}

export const createSubscribe =
  ({ maskError }: SubscribeOptions) =>
  async (args: ExecutionArgs): Promise<SubscribeResult> => {
    const toFailure = (error: unknown): ExecutionResult => ({ errors: [maskError(error)] });

    const toResult = async (item: unknown): Promise<ExecutionResult> => {
      const result = await execute({ ...args, rootValue: item });
      const extensions = extensionsOf(item);
      return {
        ...result,
        ...(result.errors ? { errors: result.errors.map(maskError) } : {}),
        ...(extensions ? { extensions } : {}),
      };
    };

    const begin = async (): Promise<SubscribeResult> => {
      const source = await createSourceEventStream(args);
      if (!isAsyncIterable(source)) return source;
      const iterator = source[Symbol.asyncIterator]();
      let failed = false;

      const leave = async (): Promise<void> => {
        try {
          await iterator.return?.();
        } catch (error) {
          maskError(error);
        }
      };

      const results: AsyncIterableIterator<ExecutionResult> = {
        async next() {
          if (failed) return { value: undefined, done: true };
          try {
            const step = await iterator.next();
            if (step.done) return { value: undefined, done: true };
            return { value: await toResult(step.value), done: false };
          } catch (error) {
            failed = true;
            void leave();
            return { value: toFailure(error), done: false };
          }
        },
        async return() {
          await leave();
          return { value: undefined, done: true };
        },
        [Symbol.asyncIterator]: () => results,
      };
      return results;
    };

    return begin().catch(toFailure);
  };

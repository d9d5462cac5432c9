import { setTimeout as wait } from 'node:timers/promises';

/** Waits; resolves early, without an error, when the signal aborts. */
export const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
  await wait(ms, undefined, signal ? { signal } : {}).catch(() => {});
};

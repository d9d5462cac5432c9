import { now } from './clock.ts';

interface Process {
  cpuMs(): Promise<number>;
}

/** Begins to look at what a process uses; the function that it resolves with says how many percent of one core it was. */
export const watchCpu = async (process: Process): Promise<() => Promise<number>> => {
  const [before, begin] = [await process.cpuMs(), now()];
  return async () => Math.round((((await process.cpuMs()) - before) / (now() - begin)) * 100);
};

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Disposers } from '../../src/util/disposers.ts';
import { type CallReply, type CallRequest, createCaller } from './caller.ts';

/**
 * What makes load is a process of its own, so that its work does not stand in the server's or the clock's way:
 *
 *     // loads/drops.ts, the process                  // drops.ts, who measures
 *     export interface DropsLoad extends Calls { … }  const load = await startLoad<DropsLoad>('drops', disposers);
 *     serveLoad<DropsLoad>({ connect, play });        await load.call('connect', { … });
 */
export type Calls = { readonly [name: string]: (argument: never) => Promise<unknown> };

export interface Load<L extends Calls> {
  readonly pid: number;
  /** What the process has used so far: a load that is near a whole core measures itself. */
  cpuMs(): Promise<number>;
  call<K extends keyof L & string>(
    name: K,
    ...argument: Parameters<L[K]>
  ): Promise<Awaited<ReturnType<L[K]>>>;
}

/** Starts `loads/<name>.ts`; it is ended with the others, or when this process ends. */
export const startLoad = async <L extends Calls>(name: string, disposers: Disposers): Promise<Load<L>> => {
  const file = join(import.meta.dirname, '../loads', `${name}.ts`);
  const child = fork(file, { execArgv: ['--import', 'tsx'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exit = once(child, 'exit');
  const caller = createCaller(child, `The load ${name}`);
  disposers.add(`load ${name}`, async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exit;
  });
  await caller.call('hello');
  return {
    pid: child.pid ?? 0,
    async cpuMs() {
      const { user, system } = (await caller.call('cpu')) as NodeJS.CpuUsage;
      return (user + system) / 1_000;
    },
    call: <K extends keyof L & string>(method: K, ...[argument]: Parameters<L[K]>) =>
      caller.call(method, argument) as Promise<Awaited<ReturnType<L[K]>>>,
  };
};

/** Of the process itself: answers calls until whoever measures is gone. */
export const serveLoad = <L extends Calls>(calls: L): void => {
  const answer = async ({ id, name, argument }: CallRequest): Promise<CallReply> => {
    if (name === 'hello') return { id, value: null };
    if (name === 'cpu') return { id, value: process.cpuUsage() };
    const method = calls[name];
    if (!method) return { id, error: `no call ${name}` };
    try {
      return { id, value: (await method(argument as never)) ?? null };
    } catch (error) {
      return { id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
  process.on('message', (request) => {
    void answer(request as CallRequest).then((reply) => process.send?.(reply));
  });
  process.once('disconnect', () => process.exit(0));
};

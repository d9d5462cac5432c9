import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { nodeFlags } from '../../scripts/lib/node-flags.mjs';
import { eventually } from '../../test/support/eventually.ts';
import { createCaller } from './caller.ts';

/** A program under measurement: a process of its own that says what it costs. */
export interface Server {
  readonly pid: number;
  /** Base address, without a path. */
  readonly url: string;
  /** What the process has used so far, user and system, in milliseconds. */
  cpuMs(): Promise<number>;
  /** After a forced collection. */
  memory(): Promise<Memory>;
  /** Halts the process: what is sent to it waits in the buffers of the machine. */
  pause(): void;
  resume(): void;
  /** As an operator ends it. */
  dispose(): Promise<void>;
}

export interface Memory {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
}

export interface ServerOptions {
  /** A file that `node` can run, and its arguments. All have the flags with which `npm start` runs EdAgent. */
  readonly command: readonly string[];
  /** Beside PATH and HOME; nothing else is passed on. */
  readonly env: Readonly<Record<string, string>>;
  /** In what it prints, with the base address as its first group. */
  readonly address: RegExp;
}

const root = join(import.meta.dirname, '../..');
const hook = join(import.meta.dirname, 'hook.mjs');
const startTimeoutMs = 40_000;
/** Beyond the grace period of the server itself. */
const stopTimeoutMs = 15_000;

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

/** Kept to its end, for the case that it does not start or ends early. */
const keepOutput = (child: ChildProcess): (() => string) => {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-20_000);
    });
  }
  return () => text;
};

export const startServer = async ({ command, env, address }: ServerOptions): Promise<Server> => {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, ['--expose-gc', ...nodeFlags, '--import', hook, ...command], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const exit = once(child, 'exit');
  const output = keepOutput(child);
  const caller = createCaller(child, command.join(' '));

  const dispose = async (): Promise<void> => {
    if (isRunning(child)) child.kill('SIGTERM');
    // Who is halted hears no other signal.
    if (isRunning(child)) child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    await exit;
    clearTimeout(timer);
  };
  const findAddress = (): string | undefined => {
    if (!isRunning(child)) return 'ended';
    return address.exec(output())?.[1];
  };
  const url = await eventually(findAddress, { timeoutMs: startTimeoutMs }).catch(() => 'late');
  if (url === 'ended' || url === 'late') {
    await dispose();
    throw new Error(`${command.join(' ')} did not start (${url}):\n${output()}`);
  }

  return {
    pid: child.pid ?? 0,
    url,
    async cpuMs() {
      const { user, system } = (await caller.call('cpu')) as NodeJS.CpuUsage;
      return (user + system) / 1_000;
    },
    async memory() {
      const { rss, heapUsed, external } = (await caller.call('memory')) as NodeJS.MemoryUsage;
      return { residentBytes: rss, heapBytes: heapUsed, externalBytes: external };
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    dispose,
  };
};

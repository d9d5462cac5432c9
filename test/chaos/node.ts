import { readFile, rm } from 'node:fs/promises';
import { sleep } from '../../src/util/sleep.ts';
import { eventually } from '../support/eventually.ts';
import { type ServerProcess, startServerProcess } from '../support/processes.ts';

/** A node as a process, always on the same port, so that what leads to it stays true over its deaths. */
export interface Node {
  readonly index: number;
  readonly port: number;
  /** Null while it is down. */
  readonly pid: number | null;
  /** For how long it has been frozen; 0 when it is not. */
  readonly frozenMs: number;
  /** How it ended when nobody had asked for it, with the last that it said. */
  readonly crashes: readonly string[];
  /** Resolves when it serves; tries again while the store is away. */
  start(): Promise<void>;
  /** Without a goodbye. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** What the process itself counts, after a collection of its garbage. Throws when it does not answer. */
  readGauges(): Promise<NodeGauges>;
  /** As an operator does: it hands everything over first. Resolves with how long that took. */
  stop(): Promise<number>;
  dispose(): Promise<void>;
}

const startAttempts = 60;
const retryMs = 500;
/** Beyond the grace period of the node itself. */
const stopTimeoutMs = 15_000;

const gaugesTimeoutMs = 5_000;

const readIfThere = async (file: string): Promise<NodeGauges | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
};

export interface NodeOptions {
  readonly index: number;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** A path that the process may write to. */
  readonly gaugesFile: string;
}

/** What `gauges-hook.mjs` writes. */
export interface NodeGauges {
  readonly timers: number;
  readonly heapBytes: number;
}

const hook = new URL('./gauges-hook.mjs', import.meta.url).href;

export const createNode = ({ index, port, env, gaugesFile }: NodeOptions): Node => {
  const crashes: string[] = [];
  let current: ServerProcess | null = null;
  let isDisposed = false;
  let frozenAt: number | null = null;

  const startOnce = async (): Promise<ServerProcess> => {
    const server = await startServerProcess({
      env: { ...env, PORT: String(port), NODE_OPTIONS: `--import=${hook}`, CHAOS_GAUGES_FILE: gaugesFile },
    });
    void server.waitForExit().then(({ code, signal }) => {
      if (current !== server) return;
      current = null;
      crashes.push(
        `node ${index} ended with ${signal ?? code}: ${(server.stderr || server.stdout).slice(-2_000)}`,
      );
    });
    return server;
  };

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const server = current;
    current = null;
    if (server === null) return;
    server.kill(signal);
    const timer = setTimeout(() => server.kill('SIGKILL'), stopTimeoutMs);
    await server.waitForExit();
    clearTimeout(timer);
  };

  return {
    index,
    port,
    crashes,
    get pid() {
      return current?.pid ?? null;
    },
    async start() {
      let failure: unknown;
      for (let attempt = 0; attempt < startAttempts && !isDisposed; attempt++) {
        if (current !== null) return;
        try {
          const server = await startOnce();
          if (isDisposed) await server.dispose();
          else current = server;
          return;
        } catch (error) {
          failure = error;
          await sleep(retryMs);
        }
      }
      if (!isDisposed) throw new Error(`node ${index} does not start`, { cause: failure });
    },
    kill: () => end('SIGKILL'),
    get frozenMs() {
      return frozenAt === null ? 0 : performance.now() - frozenAt;
    },
    freeze() {
      frozenAt = performance.now();
      current?.kill('SIGSTOP');
    },
    thaw() {
      frozenAt = null;
      current?.kill('SIGCONT');
    },
    async readGauges() {
      await rm(gaugesFile, { force: true });
      current?.kill('SIGUSR2');
      return eventually(() => readIfThere(gaugesFile), { timeoutMs: gaugesTimeoutMs, intervalMs: 50 });
    },
    async stop() {
      const begin = performance.now();
      await end('SIGTERM');
      return performance.now() - begin;
    },
    async dispose() {
      isDisposed = true;
      await end('SIGKILL');
    },
  };
};

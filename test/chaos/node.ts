import { type ServerProcess, startServerProcess } from '../support/processes.ts';

/** A node as a process, always on the same port, so that what leads to it stays true over its deaths. */
export interface Node {
  readonly index: number;
  readonly port: number;
  /** Null while it is down. */
  readonly pid: number | null;
  readonly isFrozen: boolean;
  /** How it ended when nobody had asked for it, with the last that it said. */
  readonly crashes: readonly string[];
  /** Resolves when it serves; tries again while the store is away. */
  start(): Promise<void>;
  /** Without a goodbye. */
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** As an operator does: it hands everything over first. Resolves with how long that took. */
  stop(): Promise<number>;
  dispose(): Promise<void>;
}

const startAttempts = 60;
const retryMs = 500;
/** Beyond the grace period of the node itself. */
const stopTimeoutMs = 15_000;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export const createNode = (index: number, port: number, env: Readonly<Record<string, string>>): Node => {
  const crashes: string[] = [];
  let current: ServerProcess | null = null;
  let isDisposed = false;
  let isFrozen = false;

  const startOnce = async (): Promise<ServerProcess> => {
    const server = await startServerProcess({ env: { ...env, PORT: String(port) } });
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
          await pause(retryMs);
        }
      }
      if (!isDisposed) throw new Error(`node ${index} does not start`, { cause: failure });
    },
    kill: () => end('SIGKILL'),
    get isFrozen() {
      return isFrozen;
    },
    freeze() {
      isFrozen = true;
      current?.kill('SIGSTOP');
    },
    thaw() {
      isFrozen = false;
      current?.kill('SIGCONT');
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

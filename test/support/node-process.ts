import { startServerProcess } from './processes.ts';

/** A node as a process of its own, which can die, freeze and come back. */
export interface NodeProcess {
  /** `http://host:port/graphql` */
  readonly url: string;
  /** Stops it where it stands: its links stay open and say nothing. */
  freeze(): void;
  thaw(): void;
  /** Without a goodbye. */
  kill(): Promise<void>;
  /** As an operator does: it hands everything over first. */
  stop(): Promise<void>;
  /** Kills it if it still lives. */
  dispose(): Promise<void>;
}

/** @param env all of its settings; nothing is inherited but PATH and HOME. */
export const startNodeProcess = async (env: Readonly<Record<string, string>>): Promise<NodeProcess> => {
  const server = await startServerProcess({ env: { NODE_ENV: 'test', HOST: '127.0.0.1', ...env } });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    server.kill(signal);
    await server.waitForExit();
  };
  return {
    url: `${server.url}/graphql`,
    freeze: () => server.kill('SIGSTOP'),
    thaw: () => server.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    dispose: () => server.dispose(),
  };
};

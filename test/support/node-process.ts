import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

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

const startTimeoutMs = 15_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** @param env all of its settings; nothing is inherited but PATH. */
export const startNodeProcess = async (env: Readonly<Record<string, string>>): Promise<NodeProcess> => {
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts', 'serve'], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'test', HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };

  const printed = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the node does not serve: ${output}`)), startTimeoutMs);
    child.stdout?.on('data', () => {
      const url = /^GraphQL +(\S+)/m.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error(`the node ended: ${output}`));
    });
  });
  const url = await printed.catch(async (error: unknown) => {
    await end('SIGKILL');
    throw error;
  });

  return {
    url,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    dispose: () => end('SIGKILL'),
  };
};

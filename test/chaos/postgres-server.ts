import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { postgresSettings, unprivileged } from '../../scripts/lib/service-processes.mjs';
import { findPostgresCommands } from '../../scripts/lib/services.mjs';
import { eventually } from '../support/eventually.ts';

/** A PostgreSQL of the run's own, which can go and come back with its data on the same port. */
export interface PostgresServer {
  readonly url: string;
  /** A fast shutdown: what runs is rolled back, all sessions end. */
  stop(): Promise<void>;
  /** Resolves when it takes statements. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

const startTimeoutMs = 30_000;

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => {});
  }
};

export const startPostgresServer = async (port: number): Promise<PostgresServer> => {
  const found = await findPostgresCommands();
  if (found === null) throw new Error('PostgreSQL is not on the PATH: install it, or run "npm test".');
  const { commands, remove } = found;
  const identity = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'edagent-chaos-postgres-'));
  if (identity) chownSync(folder, identity.uid, identity.gid);
  const data = join(folder, 'data');
  const options = {
    ...identity,
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    stdio: 'ignore',
  } as const;
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;

  const initdb = spawn(
    join(commands, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    options,
  );
  const [code] = (await once(initdb, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`initdb ended with ${code}`);

  const spawnServer = (): ChildProcess => {
    const flags = Object.entries(postgresSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return spawn(join(commands, 'postgres'), ['-D', data, '-p', `${port}`, ...flags], options);
  };
  const end = async (child: ChildProcess, signal: NodeJS.Signals): Promise<void> => {
    if (!isRunning(child)) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };

  let child = spawnServer();
  const ready = () => eventually(() => answers(url), { timeoutMs: startTimeoutMs, intervalMs: 50 });
  await ready();
  return {
    url,
    stop: () => end(child, 'SIGINT'),
    async start() {
      if (!isRunning(child)) child = spawnServer();
      await ready();
    },
    async dispose() {
      await end(child, 'SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
      remove();
    },
  };
};

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { findPostgres } from '../../scripts/lib/service-processes.mjs';
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

/** It refuses to run as root: whom it runs as then. */
const unprivileged = (): { uid?: number; gid?: number } => {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
};

const findCommands = (): string => {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = findPostgres([
    ...(process.env.PATH ?? '').split(delimiter).filter(Boolean),
    ...versions.map((version) => join(debian, version, 'bin')),
  ]);
  if (found === undefined) throw new Error('PostgreSQL is not on the PATH: install it, or run "npm test".');
  return found;
};

const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

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
  const commands = findCommands();
  const identity = unprivileged();
  const folder = mkdtempSync(join(tmpdir(), 'edagent-chaos-postgres-'));
  if (identity.uid !== undefined) chownSync(folder, identity.uid, identity.gid ?? identity.uid);
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
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
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
    },
  };
};

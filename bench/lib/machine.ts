import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresSettings } from '../../scripts/lib/service-processes.mjs';

/** What a figure was measured on, and with. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
}

export interface Versions {
  readonly edagent: string;
  readonly node: string;
  readonly redis: string;
  readonly postgres: string;
  /** What is installed in bench, as `ws 8.23.0, …`. */
  readonly peers?: string;
}

const root = join(import.meta.dirname, '../..');
const runFile = promisify(execFile);

const firstLine = async (command: string, args: readonly string[]): Promise<string> => {
  const { stdout } = await runFile(command, args, { cwd: root });
  return stdout.trim().split('\n')[0] ?? '';
};

export const readMachine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1024 ** 3),
  system: `${process.platform} ${process.arch}`,
});

const readPeers = async (): Promise<string> => {
  const text = await readFile(join(root, 'bench/package.json'), 'utf8');
  const { dependencies } = JSON.parse(text) as { dependencies: Record<string, string> };
  return Object.entries(dependencies)
    .map((entry) => entry.join(' '))
    .join(', ');
};

export const readVersions = async (): Promise<Versions> => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  const [redis, postgres] = await Promise.all([
    firstLine('redis-server', ['--version']),
    firstLine('psql', ['--version']),
  ]);
  const versionIn = (text: string): string => /\d+(?:\.\d+)+/.exec(text)?.[0] ?? text;
  return {
    edagent: version,
    node: process.versions.node,
    redis: versionIn(redis),
    peers: await readPeers(),
    postgres: `${versionIn(postgres)} (fsync ${postgresSettings.fsync})`,
  };
};

/** The commit of the working tree; ends in `+` when that holds changes beside documents and results. */
export const readCommit = async (): Promise<string> => {
  const hash = await firstLine('git', ['rev-parse', '--short=10', 'HEAD']);
  const changed = await firstLine('git', [
    'status',
    '--porcelain',
    '--',
    '.',
    ':!bench/results',
    ':!docs',
    ':!*.md',
  ]);
  return changed === '' ? hash : `${hash}+`;
};

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

/** The built program (test/support/build.mjs) as child processes of a test, each with an environment of its own, ended by its id. */

const root = join(import.meta.dirname, '../..');

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Process {
  readonly pid: number;
  /** All that came so far. */
  readonly stdout: string;
  readonly stderr: string;
  /** The first match of the pattern in what came so far or comes yet. */
  waitFor(stream: 'stdout' | 'stderr', pattern: RegExp, options?: { timeoutMs?: number }): Promise<string>;
  write(text: string): void;
  endInput(): void;
  /** Closes this end of its standard output, as a pager that was left does. */
  closeOutput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it has ended and all its output is here. */
  waitForExit(): Promise<Exit>;
  /** Ends it if it still runs. */
  dispose(): Promise<void>;
}

export interface ProcessOptions {
  /** Beside PATH and HOME; nothing else is passed on, so that no setting of the tests reaches it. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

const startNode = (args: readonly string[], { env = {}, cwd = root }: ProcessOptions): ChildProcess => {
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, args, { cwd, env: { PATH, HOME, ...env }, stdio: 'pipe' });
};

const toProcess = (child: ChildProcess): Process => {
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  // It may end before it has read everything.
  child.stdin?.on('error', () => {});
  const closed = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;

  return {
    pid: child.pid ?? 0,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    async waitFor(stream, pattern, options) {
      const find = () => pattern.exec(text[stream])?.[0];
      try {
        return await eventually(() => {
          if (!isRunning() && find() === undefined) return 'ended';
          return find();
        }, options).then((found) => {
          if (found === 'ended') throw new Error('the process ended');
          return found;
        });
      } catch (cause) {
        throw new Error(`no ${pattern} in:\n${text.stdout}\n--- stderr\n${text.stderr}`, { cause });
      }
    },
    write: (chunk) => child.stdin?.write(chunk),
    endInput: () => child.stdin?.end(),
    closeOutput: () => child.stdout?.destroy(),
    kill: (signal) => child.kill(signal),
    waitForExit: () => closed,
    async dispose() {
      if (isRunning()) child.kill('SIGKILL');
      await closed;
    },
  };
};

/** A command of the program, as `edagent <args>`. */
export const startCommand = (args: readonly string[], options: ProcessOptions = {}): Process =>
  toProcess(startNode([join(root, 'dist/main.js'), ...args], options));

export interface Run extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

/** A script of its own, as `node <path> <args>`. */
export const startScript = (path: string, args: readonly string[], options: ProcessOptions = {}): Process =>
  toProcess(startNode([path, ...args], options));

/** Runs a command to its end, with this on its standard input. */
export const runCommand = async (
  args: readonly string[],
  { input = '', ...options }: ProcessOptions & { readonly input?: string } = {},
): Promise<Run> => {
  const command = startCommand(args, options);
  command.write(input);
  command.endInput();
  const exit = await command.waitForExit();
  return { ...exit, stdout: command.stdout, stderr: command.stderr };
};

export interface ServerProcess extends Process {
  /** Base address, without a path. */
  readonly url: string;
}

/** Many processes may be starting at once, each busy for some seconds. */
const startTimeoutMs = 40_000;

/** A server on a free port; resolves when it listens, rejects with what it said when it ends before that. */
export const startServerProcess = async ({ env, ...rest }: ProcessOptions): Promise<ServerProcess> => {
  const server = startCommand(['serve'], { ...rest, env: { PORT: '0', ...env } });
  try {
    const pattern = /GraphQL +(http:\S+)\/graphql .*\n/;
    const line = await server.waitFor('stdout', pattern, { timeoutMs: startTimeoutMs });
    const url = /http:\/\/[^/]+/.exec(line)?.[0] ?? '';
    return Object.defineProperty(server as ServerProcess, 'url', { value: url });
  } catch (error) {
    await server.dispose();
    throw error;
  }
};

import { createHash } from 'node:crypto';
import { open, realpath, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from '../domain/errors.ts';
import type { Disposable } from '../util/disposers.ts';

/**
 * The right of one process to a data folder: a listening Unix socket in it. The kernel ends it with the process, whatever
 * way that ends, and a pid that comes back (a container's server is always the same pid) cannot be taken for its holder.
 */

/** The system's bound is 104 or 108 bytes with the ending NUL. */
const maxSocketPath = 100;
/** Longer than anyone is between taking and leaving the gate while alive. */
const gateStaleMs = 5_000;

const errorCode = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;

const socketPath = async (folder: string): Promise<string> => {
  const real = await realpath(folder);
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 32);
  if (process.platform === 'win32') return `\\\\.\\pipe\\edagent-${hash}`;
  const path = join(real, 'lock.sock');
  return Buffer.byteLength(path) <= maxSocketPath ? path : join(tmpdir(), `edagent-${hash}.sock`);
};

/** Whether somebody listens. A holder that is busy or frozen still does: the kernel answers for it. */
const isHeld = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error) => {
      const code = errorCode(error);
      resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT' && code !== 'ENOTSOCK');
    });
  });

const listen = (path: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', reject);
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });

/**
 * One process at a time looks at the socket and takes its place. Without it, of two that find the same dead socket the
 * second would remove the first one's living socket.
 */
const throughGate = async <T>(gate: string, work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      await (await open(gate, 'wx')).close();
      break;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
      const left = await stat(gate).catch(() => null);
      if (left && Date.now() - left.mtimeMs > gateStaleMs) await rm(gate, { force: true });
      else await sleep(20);
    }
  }
  try {
    return await work();
  } finally {
    await rm(gate, { force: true });
  }
};

/** @throws {ConfigError} that names the folder and EDAGENT_DATA_DIR when it is held. */
export const lockDataFolder = async (folder: string): Promise<Disposable> => {
  const path = await socketPath(folder);
  const isPipe = process.platform === 'win32';
  const take = async (): Promise<Server | null> => {
    if (await isHeld(path)) return null;
    if (!isPipe) await rm(path, { force: true });
    return listen(path);
  };
  const server = await (isPipe ? take() : throughGate(`${path}.gate`, take));
  if (!server) {
    throw new ConfigError(
      `EDAGENT_DATA_DIR: the data folder ${folder} is in use by another server: stop that one, or set EDAGENT_DATA_DIR to another folder.`,
    );
  }
  let closing: Promise<void> | undefined;
  return {
    dispose() {
      closing ??= new Promise((resolve) => server.close(() => resolve()));
      return closing;
    },
  };
};

import { createHash } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './project.mjs';

/** A socket, since the system takes it back from a process that dies: nothing stale to judge. */
const toAddress = (name) => {
  const id = `edagent-${createHash('sha256').update(root).digest('hex').slice(0, 16)}-${name}`;
  if (process.platform === 'linux') return `\0${id}`;
  return process.platform === 'win32' ? `\\\\.\\pipe\\${id}` : join(tmpdir(), `${id}.sock`);
};

/** @returns the server that holds the lock, or null when somebody else does. */
const maybeListen = (address) =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => {}));
    server.once('error', (error) => (error.code === 'EADDRINUSE' ? resolve(null) : reject(error)));
    server.listen(address, () => resolve(server));
  });

/** Resolves when the holder lets go or dies. */
const waitForHolder = (address) =>
  new Promise((resolve) => {
    const socket = connect(address);
    socket.on('error', (error) => {
      // Only where the address is a file: its holder died.
      if (error.code === 'ECONNREFUSED' && !address.startsWith('\0')) unlinkSync(address);
    });
    socket.once('close', resolve);
    socket.resume();
  });

/**
 * One process at a time, for each copy of the project.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const withLock = async (name, work) => {
  const address = toAddress(name);
  let server = await maybeListen(address);
  while (server === null) {
    await waitForHolder(address);
    server = await maybeListen(address);
  }
  const waiting = new Set();
  server.on('connection', (socket) => waiting.add(socket));
  try {
    return await work();
  } finally {
    server.close();
    for (const socket of waiting) socket.destroy();
  }
};

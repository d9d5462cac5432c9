import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { run } from './processes.mjs';

/** @returns {string | undefined} */
export const findOnPath = (command, path = process.env.PATH ?? '') =>
  path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, command))
    .find((file) => existsSync(file));

const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
};

const isRoot = () => process.getuid?.() === 0;

/** PostgreSQL refuses to run as root: whom it runs as then. */
export const unprivileged = () => {
  if (!isRoot()) return null;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  return user ? { uid: Number(user[2]), gid: Number(user[3]) } : { uid: 65_534, gid: 65_534 };
};

const startTimeoutMs = 30_000;

/**
 * Starts a server and waits until it says that it is ready.
 *
 * @returns a handle that ends it by its id and deletes its folder, or the reason why it did not start.
 */
const startServer = async ({ command, args, options, folder, readyText, endSignal }) => {
  const child = spawn(command, args, { ...options, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  const isReady = await new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), startTimeoutMs);
    const finish = (value) => {
      clearTimeout(timer);
      resolve(value);
    };
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        // Once it is ready only the pipe must be kept empty.
        if (output === null) return;
        output += text;
        if (output.includes(readyText)) finish(true);
      });
    }
    child.once('error', (error) => {
      output += error.message;
      finish(false);
    });
    child.once('close', () => finish(false));
  });
  const endNow = () => child.kill('SIGKILL');
  const dispose = async () => {
    process.off('exit', endNow);
    const timer = setTimeout(endNow, 5_000);
    child.kill(endSignal);
    if (child.pid !== undefined) await closed;
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  };
  if (!isReady) {
    const reason = output;
    await dispose();
    return { reason };
  }
  output = null;
  process.on('exit', endNow);
  return { dispose };
};

/** A port found free may be taken before it is used. */
const withPort = async (start) => {
  let failure;
  for (let attempt = 0; attempt < 3; attempt++) {
    const port = await freePort();
    const server = await start(port);
    if (server.dispose) return { port, dispose: server.dispose };
    failure = server.reason;
  }
  throw new Error(failure);
};

/** A Redis of our own: on a free port, in a temporary folder, keeping nothing. */
export const startRedis = async (command) => {
  const { port, dispose } = await withPort((freePort) => {
    const folder = mkdtempSync(join(tmpdir(), 'edagent-redis-'));
    const settings = { port: freePort, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
    return startServer({
      command,
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, `${value}`]),
      options: {},
      folder,
      readyText: 'Ready to accept connections',
      endSignal: 'SIGTERM',
    });
  });
  return { url: `redis://127.0.0.1:${port}`, dispose };
};

export const postgresSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  // Nothing here outlives the tests.
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/**
 * A PostgreSQL of our own, made with initdb.
 *
 * @param {string} folderOfCommands with `initdb` and `postgres`.
 */
export const startPostgres = async (folderOfCommands) => {
  const identity = unprivileged();
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const { port, dispose } = await withPort(async (freePort) => {
    const folder = mkdtempSync(join(tmpdir(), 'edagent-postgres-'));
    if (identity) chownSync(folder, identity.uid, identity.gid);
    const data = join(folder, 'data');
    const made = await run(
      join(folderOfCommands, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { ...identity, env, cwd: folder },
    );
    if (made.code !== 0) {
      rmSync(folder, { recursive: true, force: true });
      return { reason: made.output };
    }
    const settings = Object.entries(postgresSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return startServer({
      command: join(folderOfCommands, 'postgres'),
      args: ['-D', data, '-p', `${freePort}`, ...settings],
      options: { ...identity, env },
      folder,
      readyText: 'database system is ready to accept connections',
      endSignal: 'SIGQUIT',
    });
  });
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, dispose };
};

/** @returns {string | undefined} a folder that holds both commands of PostgreSQL. */
export const findPostgres = (folders) =>
  folders
    .filter((folder) => existsSync(join(folder, 'postgres')))
    .map((folder) => dirname(realpathSync(join(folder, 'postgres'))))
    .find((folder) => existsSync(join(folder, 'initdb')));

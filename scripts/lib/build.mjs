import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { compressFolder } from './compress.mjs';
import { withLock } from './lock.mjs';
import { run } from './processes.mjs';
import { root, Stop, say } from './project.mjs';

/** All files at or below a path of the project, sorted. */
export const listFiles = (path, folder = root) => {
  const full = join(folder, path);
  if (!existsSync(full)) return [];
  const entries = readdirSync(full, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
};

const hashFiles = (paths) => {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const path of paths)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  return hash.digest('hex');
};

const compile = async (config) => {
  const { code, output } = await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', config]);
  if (code !== 0) throw new Stop(`${output}\nThe build failed: tsc -p ${config}`);
};

const web = 'dist/web';

/** What tsc does not do: copies files that are no sources, and deletes what was made from sources that are gone. */
const tidy = (from, to) => {
  const sources = new Set(listFiles(from).map((path) => relative(from, path)));
  for (const path of sources) {
    if (path.endsWith('.ts')) continue;
    mkdirSync(dirname(join(root, to, path)), { recursive: true });
    copyFileSync(join(root, from, path), join(root, to, path));
  }
  for (const path of listFiles(to)) {
    if (path.startsWith(`${web}/`)) continue;
    const made = /^(.+)(?:\.js|\.js\.map|\.d\.ts)$/.exec(relative(to, path));
    if (made && !sources.has(`${made[1]}.ts`)) rmSync(join(root, path));
  }
};

const seed = 'dist/seed.tar.gz';

/** In a process of its own: making a database takes memory that a server should not keep. */
const writeSeed = async () => {
  const draft = `${seed}.${process.pid}`;
  const { code, output } = await run(process.execPath, ['dist/store/write-seed.js', draft]);
  if (code !== 0) throw new Stop(`${output}\nThe build failed: node dist/store/write-seed.js`);
  renameSync(join(root, draft), join(root, seed));
};

/** Made beside the one that is there: a server that starts meanwhile reads a whole page. */
const buildWeb = async () => {
  const draft = `${web}.${process.pid}`;
  const vite = [
    'node_modules/vite/bin/vite.js',
    'build',
    'web',
    '--outDir',
    join(root, draft),
    '--emptyOutDir',
  ];
  const env = { ...process.env, NODE_ENV: 'production' };
  try {
    const { code, output } = await run(process.execPath, [...vite, '--logLevel', 'warn'], { env });
    if (code !== 0) throw new Stop(`${output}\nThe build failed: vite build web`);
    await compressFolder(join(root, draft));
    rmSync(join(root, web), { recursive: true, force: true });
    renameSync(join(root, draft), join(root, web));
  } finally {
    rmSync(join(root, draft), { recursive: true, force: true });
  }
};

const shared = ['package-lock.json', 'tsconfig.json'];
const clientInputs = () => [
  ...shared,
  'client/package.json',
  'client/tsconfig.json',
  ...listFiles('client/src'),
];

/** In the order in which they are built: each needs those before it. */
const parts = [
  {
    name: 'client',
    made: 'client/dist/index.js',
    stamp: 'client/dist/.built-from',
    inputs: clientInputs,
    build: async () => {
      await compile('client/tsconfig.json');
      tidy('client/src', 'client/dist');
    },
  },
  {
    name: 'server',
    made: 'dist/main.js',
    stamp: 'dist/.built-from',
    inputs: () => [...clientInputs(), ...listFiles('src')],
    build: async () => {
      await compile('tsconfig.json');
      tidy('src', 'dist');
    },
  },
  {
    name: 'seed',
    made: seed,
    stamp: 'dist/.seed-from',
    inputs: () => [
      'package-lock.json',
      ...['src/store', 'src/domain', 'src/util'].flatMap((path) => listFiles(path)),
    ],
    build: writeSeed,
  },
  {
    name: 'web',
    made: `${web}/index.html`,
    stamp: 'dist/.web-from',
    inputs: () => [
      ...clientInputs(),
      ...listFiles('web').filter((path) => !path.startsWith('web/node_modules/')),
    ],
    build: buildWeb,
  },
];

const isStale = ({ made, stamp, inputs }) =>
  !existsSync(join(root, made)) ||
  !existsSync(join(root, stamp)) ||
  readFileSync(join(root, stamp), 'utf8') !== hashFiles(inputs());

export const isBuilt = () => !parts.some(isStale);

/**
 * Builds what is stale: `dist` and `client/dist` carry the hash of what they were built from, so that neither a checkout
 * nor a copy, which both change times, leads to a wrong judgement.
 *
 * @param {string[]} names of the parts; all without it.
 */
export const ensureBuilt = async (names = parts.map(({ name }) => name)) => {
  const wanted = parts.filter(({ name }) => names.includes(name));
  if (!wanted.some(isStale)) return;
  await withLock('build', async () => {
    for (const part of wanted) {
      if (!isStale(part)) continue;
      say(`Building ${part.name} …`);
      // Hashed before it is built: a source changed meanwhile makes it stale again.
      const hash = hashFiles(part.inputs());
      rmSync(join(root, part.stamp), { force: true });
      await part.build();
      writeFileSync(join(root, part.stamp), hash);
    }
  });
};

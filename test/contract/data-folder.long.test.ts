import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ConfigError } from '../../src/domain/errors.ts';
import { lockDataFolder } from '../../src/store/data-folder-lock.ts';
import { createPgliteSql } from '../../src/store/pglite.ts';
import { createStore, openPgliteStore } from '../../src/store/store.ts';
import { eventually } from '../support/eventually.ts';
import { createTempFolder, testSeedPath } from '../support/stores.ts';

// Processes and whole databases are started here.
jest.setTimeout(60_000);

describe('the data folder of PGlite', () => {
  let folder: Awaited<ReturnType<typeof createTempFolder>>;
  let children: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await createTempFolder();
  });

  afterEach(async () => {
    await Promise.all(children.map(kill));
    children = [];
    await folder.dispose();
  });

  const kill = async (child: ChildProcess): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  };

  /** Another process on the folder, and the lines it has printed. */
  const startChild = async (mode: 'hold' | 'write') => {
    const script = join(import.meta.dirname, '../support/pglite-child.ts');
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', script, folder.path, await testSeedPath(), mode],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    children.push(child);
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await eventually(() => lines[0] === 'held', { timeoutMs: 30_000 });
    return { child, lines };
  };

  const openSql = async () => createPgliteSql({ dataDir: folder.path, seedPath: await testSeedPath() });

  const refusal = expect.objectContaining({
    name: 'ConfigError',
    message: expect.stringMatching(/^EDAGENT_DATA_DIR: the data folder .* is in use/),
  });

  test('is refused to a second instance in the same process, until the first is closed', async () => {
    const first = await openSql();
    await expect(openSql()).rejects.toEqual(refusal);
    await expect(openSql()).rejects.toThrow(folder.path);
    await first.dispose();
    const second = await openSql();
    await second.dispose();
    await second.dispose();
  });

  test('is refused while another process has it; of many that come after kill -9 one gets it', async () => {
    const { child } = await startChild('hold');
    await expect(openSql()).rejects.toEqual(refusal);
    await kill(child);
    expect(await readdir(folder.path)).toContain('lock.sock');
    const taken = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(folder.path)));
    const winners = taken.filter((result) => result.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect(taken.filter((result) => result.status === 'rejected').map(({ reason }) => reason)).toEqual(
      Array(7).fill(refusal),
    );
    await Promise.all(winners.map(({ value }) => value.dispose()));
    expect(await readdir(folder.path)).toEqual(['postgres']);
    await (await openSql()).dispose();
  });

  test('may have a path longer than a socket’s', async () => {
    const path = join(folder.path, 'x'.repeat(120));
    await mkdir(path);
    const lock = await lockDataFolder(path);
    await expect(lockDataFolder(path)).rejects.toEqual(refusal);
    await lock.dispose();
    await (await lockDataFolder(path)).dispose();
  });

  test('that cannot be made is named', async () => {
    const file = join(folder.path, 'file');
    await writeFile(file, '');
    const opening = openPgliteStore({ dataDir: join(file, 'data'), seedPath: null });
    await expect(opening).rejects.toThrow(ConfigError);
    await expect(opening).rejects.toThrow(/EDAGENT_DATA_DIR: .*file.data/);
  });

  test('left half-made by a process that was killed is made anew', async () => {
    await mkdir(join(folder.path, 'postgres.new', 'base'), { recursive: true });
    await writeFile(join(folder.path, 'postgres.new', 'PG_VERSION'), '18\n');
    const store = await createStore({ sql: await openSql() });
    await store.ping();
    await store.dispose();
    expect(await readdir(folder.path)).toEqual(['postgres']);
  });

  test('without a seed is made from nothing, and each has an epoch of its own', async () => {
    const store = await openPgliteStore({ dataDir: folder.path, seedPath: join(folder.path, 'absent') });
    const epoch = await store.log.epoch();
    await store.dispose();
    const again = await createStore({ sql: await openSql() });
    expect(await again.log.epoch()).toBe(epoch);
    await again.dispose();
    const other = await createTempFolder();
    const another = await openPgliteStore({ dataDir: other.path, seedPath: await testSeedPath() });
    expect(await another.log.epoch()).not.toBe(epoch);
    await another.dispose();
    await other.dispose();
  });

  test('has everything that was acknowledged before kill -9', async () => {
    const { child, lines } = await startChild('write');
    await eventually(() => lines.length > 200, { timeoutMs: 30_000 });
    await kill(child);
    const acknowledged = lines.slice(1).filter((line) => line.length === 36);
    expect(acknowledged.length).toBeGreaterThanOrEqual(200);
    const sql = await openSql();
    const rows = await sql.query<{ id: string }>(`select id from messages where author_id = 'ada'`);
    const kept = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    const store = await createStore({ sql });
    const { state, events } = await store.log.read('user:ada', 0, 100_000);
    expect(events).toHaveLength(kept.size * 3);
    expect(state.seq).toBe(kept.size * 3);
    await store.dispose();
    await expect(store.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

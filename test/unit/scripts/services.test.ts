import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const script = fileURLToPath(new URL('../../../scripts/services.mjs', import.meta.url));
const print = [
  'node',
  '-p',
  '[process.env.EDAGENT_TEST_REDIS_URL, process.env.EDAGENT_TEST_DATABASE_URL].join()',
];

/** What stands behind the two addresses does not matter here, only that something answers. */
describe('the services of the tests', () => {
  const server = createServer((socket) => socket.destroy());
  const folder = mkdtempSync(join(tmpdir(), 'edagent-path-'));
  let address = '';
  beforeAll(async () => {
    symlinkSync(process.execPath, join(folder, 'node'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** With nothing on the PATH but node. */
  const run = (env: Record<string, string>): Promise<{ code: unknown; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      execFile(
        process.execPath,
        [script, ...print],
        // A file is all that it looks for.
        { env: { PATH: folder, EDAGENT_TEST_CHROMIUM: process.execPath, ...env } },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
      );
    });

  test('are those that the environment names', async () => {
    const urls = {
      EDAGENT_TEST_REDIS_URL: `redis://${address}`,
      EDAGENT_TEST_DATABASE_URL: `postgres://${address}/d`,
    };
    expect(await run(urls)).toEqual({
      code: 0,
      stdout: `${urls.EDAGENT_TEST_REDIS_URL},${urls.EDAGENT_TEST_DATABASE_URL}\n`,
      stderr: '',
    });
  });

  test('that cannot be had are named with the command that brings them, and exit code 3', async () => {
    const { code, stdout, stderr } = await run({ EDAGENT_TEST_DATABASE_URL: `postgres://${address}/d` });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^Redis is missing\. .*apt-get install -y redis-server/);
  });

  test('may be missing when that is allowed', async () => {
    const env = { EDAGENT_TEST_DATABASE_URL: `postgres://${address}/d`, EDAGENT_TEST_ALLOW_SKIP: '1' };
    expect(await run(env)).toMatchObject({ code: 0, stdout: `,postgres://${address}/d\n` });
  });

  test('named by the environment that do not answer end the run with the variable', async () => {
    const { code, stderr } = await run({
      EDAGENT_TEST_DATABASE_URL: `postgres://${address}/d`,
      EDAGENT_TEST_REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^EDAGENT_TEST_REDIS_URL is set, but nothing answers there/);
  });
});

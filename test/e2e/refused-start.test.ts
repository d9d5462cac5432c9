import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startBalancer } from '../support/balancer.ts';
import { runCommand } from '../support/processes.ts';
import { createTempFolder } from '../support/stores.ts';

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

describe('a server that cannot start as it is configured says why and exits with 3', () => {
  let folder: Awaited<ReturnType<typeof createTempFolder>>;

  beforeAll(async () => {
    folder = await createTempFolder();
  }, 120_000);

  afterAll(() => folder.dispose());

  const start = async (env: Record<string, string>): Promise<string> => {
    const run = await runCommand(['serve'], { env: { PORT: '0', EDAGENT_DATA_DIR: folder.path, ...env } });
    expect(run).toMatchObject({ code: 3, stdout: '' });
    return run.stderr;
  };

  test('PostgreSQL is unreachable: DATABASE_URL is named, its password is not', async () => {
    const said = await start({ DATABASE_URL: 'postgres://ada:sesame@127.0.0.1:1/school' });
    expect(said).toContain('DATABASE_URL: the database 127.0.0.1:1/school cannot be used');
    expect(said).not.toContain('sesame');
  });

  test.each([
    ['another protocol', 'http://:sesame@127.0.0.1:6379'],
    ['no address', 'sesame'],
    ['no port', 'redis://:sesame@127.0.0.1:none'],
  ])('REDIS_URL is malformed (%s): it is named, its value is not', async (_what, url) => {
    const said = await start({ REDIS_URL: url, DATABASE_URL: 'postgres://127.0.0.1:1/school' });
    expect(said).toContain('config: REDIS_URL must be');
    expect(said).not.toContain('sesame');
  });

  test('NODE_ENV=production without keys: the variables that are missing are named', async () => {
    expect(await start({ NODE_ENV: 'production' })).toBe(
      'config: EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required when NODE_ENV=production\n',
    );
  });

  test('an unknown setting and a malformed one: both are named, each on its line', async () => {
    const said = await start({ EDAGENT_REPLAY: '5', EDAGENT_LEASE: 'soon' });
    expect(said.trimEnd().split('\n')).toEqual([
      'config: EDAGENT_REPLAY is not a setting; the nearest is EDAGENT_REPLAY_MAX',
      expect.stringMatching(/^config: EDAGENT_LEASE must be a duration .*, not "soon"$/),
    ]);
  });

  test('the port is in use: HOST and PORT are named', async () => {
    const holder = await startBalancer([]);
    try {
      const { port } = new URL(holder.url);
      const said = await start({ PORT: port });
      expect(said).toBe(`config: cannot listen on HOST 127.0.0.1, PORT ${port}: the port is in use\n`);
    } finally {
      await holder.dispose();
    }
  });
});

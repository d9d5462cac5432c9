/** Where the Redis, the PostgreSQL and the Chromium for tests are; `npm test` and `npm run check` find or start them and say so here. */
const find = (variable: string): string | null => {
  const value = process.env[variable];
  if (value) return value;
  if (process.env.EDAGENT_TEST_ALLOW_SKIP === '1') return null;
  throw new Error(`${variable} is not set: run this suite through "npm test" or "npm run check".`);
};

export const testRedisUrl = (): string | null => find('EDAGENT_TEST_REDIS_URL');
export const testDatabaseUrl = (): string | null => find('EDAGENT_TEST_DATABASE_URL');
/** The path of its command. */
export const testChromium = (): string | null => find('EDAGENT_TEST_CHROMIUM');

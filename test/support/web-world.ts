import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, jest } from '@jest/globals';
import { type Balancer, startBalancer } from './balancer.ts';
import { startBrowser, type Tab, type TestBrowser } from './browser.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { dropKeys } from './redis-servers.ts';
import { testChromium, testDatabaseUrl, testRedisUrl } from './services.ts';
import { type SpokenModel, startSpokenModel } from './spoken-model.ts';
import { createEmptyPostgres, createTempFolder } from './stores.ts';

/** The browser tests need Chromium, Redis and PostgreSQL. */
const canRunWeb = [testRedisUrl(), testDatabaseUrl(), testChromium()].every((each) => each !== null);

/** Two nodes on one PostgreSQL and one Redis behind a balancer, and a browser in front of it. */
export interface WebWorld {
  /** Of the balancer. */
  readonly url: string;
  readonly balancer: Balancer;
  readonly nodes: readonly NodeProcess[];
  readonly databaseUrl: string;
  readonly model: SpokenModel;
  readonly browser: TestBrowser;
  /** Through the form. */
  signIn(name: string, options?: SignInOptions): Promise<Tab>;
  dispose(): Promise<void>;
}

export interface SignInOptions {
  readonly role?: 'Learner' | 'Admin';
  readonly path?: string;
  readonly context?: Parameters<TestBrowser['openTab']>[1];
}

const startWebWorld = async (): Promise<WebWorld> => {
  const database = await createEmptyPostgres();
  const folder = await createTempFolder();
  const model = await startSpokenModel();
  const prefix = `edagent-web-${randomUUID()}:`;
  const redisUrl = testRedisUrl() ?? '';
  const startNode = () =>
    startNodeProcess({
      DATABASE_URL: database?.url ?? '',
      REDIS_URL: redisUrl,
      EDAGENT_REDIS_PREFIX: prefix,
      // Tokens of development, by one secret for both.
      EDAGENT_DATA_DIR: folder.path,
      EDAGENT_MESSAGES_PER_MINUTE: '10000',
      OPENAI_BASE_URL: model.url,
      EDAGENT_TOKEN_TIMEOUT: '60s',
    });
  const nodes = [await startNode(), await startNode()];
  const balancer = await startBalancer(nodes.map(({ url }) => url));
  const browser = await startBrowser(testChromium() ?? '');
  const url = new URL('/', balancer.url).href;

  return {
    url,
    balancer,
    nodes,
    databaseUrl: database?.url ?? '',
    model,
    browser,
    async signIn(name, { role = 'Learner', path = '/', context } = {}) {
      const tab = await browser.openTab(new URL(path, url).href, context);
      await tab.page.getByLabel('Name').fill(name);
      await tab.page.getByLabel('Role').selectOption(role);
      await tab.page.getByRole('button', { name: 'Sign in' }).click();
      return tab;
    },
    async dispose() {
      await browser.dispose();
      await balancer.dispose();
      await Promise.all(nodes.map((node) => node.dispose()));
      await model.dispose();
      await dropKeys(redisUrl, prefix);
      await folder.dispose();
      await database?.dispose();
    },
  };
};

/** Tests that share a world. What a tab of theirs complained of fails them. */
export const describeWeb = (name: string, tests: (world: () => WebWorld) => void): void => {
  jest.setTimeout(90_000);
  (canRunWeb ? describe : describe.skip)(name, () => {
    let world: WebWorld;
    beforeAll(async () => {
      world = await startWebWorld();
    }, 120_000);
    afterEach(async () => {
      expect(await world.browser.closeTabs()).toEqual([]);
    });
    afterAll(() => world.dispose());
    tests(() => world);
  });
};

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

/** Nodes on one PostgreSQL and one Redis behind a balancer, and a browser in front of it. */
export interface WebWorld {
  /** Of the balancer. */
  readonly url: string;
  readonly balancer: Balancer;
  readonly nodes: readonly NodeProcess[];
  readonly databaseUrl: string;
  readonly model: SpokenModel;
  readonly browser: TestBrowser;
  /** One more of the cluster, with settings beside those of the others, and not behind the balancer. Ends with the world. */
  startNode(env?: Readonly<Record<string, string>>): Promise<NodeProcess>;
  /** Through the form. */
  signIn(name: string, options?: SignInOptions): Promise<Tab>;
  dispose(): Promise<void>;
}

export interface SignInOptions {
  readonly role?: 'Learner' | 'Admin';
  readonly path?: string;
  readonly context?: Parameters<TestBrowser['openTab']>[1];
  /** In a tab beside this one. @default a window of its own */
  readonly beside?: Tab;
}

const startWebWorld = async (nodeCount: number): Promise<WebWorld> => {
  const [database, folder, model] = await Promise.all([
    createEmptyPostgres(),
    createTempFolder(),
    startSpokenModel(),
  ]);
  const prefix = `edagent-web-${randomUUID()}:`;
  const redisUrl = testRedisUrl() ?? '';
  const all: NodeProcess[] = [];
  const startNode = async (env: Readonly<Record<string, string>> = {}): Promise<NodeProcess> => {
    const node = await startNodeProcess({
      DATABASE_URL: database?.url ?? '',
      REDIS_URL: redisUrl,
      EDAGENT_REDIS_PREFIX: prefix,
      // Tokens of development, by one secret for both.
      EDAGENT_DATA_DIR: folder.path,
      EDAGENT_MESSAGES_PER_MINUTE: '10000',
      OPENAI_BASE_URL: model.url,
      EDAGENT_TOKEN_TIMEOUT: '60s',
      ...env,
    });
    all.push(node);
    return node;
  };
  const [nodes, browser] = await Promise.all([
    Promise.all(Array.from({ length: nodeCount }, () => startNode())),
    startBrowser(testChromium() ?? ''),
  ]);
  const balancer = await startBalancer(nodes.map(({ url }) => url));
  const url = new URL('/', balancer.url).href;

  return {
    url,
    balancer,
    nodes,
    databaseUrl: database?.url ?? '',
    model,
    browser,
    startNode,
    async signIn(name, { role = 'Learner', path = '/', context, beside } = {}) {
      const address = new URL(path, url).href;
      const tab = await (beside ? browser.openTabBeside(beside, address) : browser.openTab(address, context));
      await tab.page.getByLabel('Name').fill(name);
      await tab.page.getByLabel('Role').selectOption(role);
      await tab.page.getByRole('button', { name: 'Sign in' }).click();
      return tab;
    },
    async dispose() {
      await browser.dispose();
      await balancer.dispose();
      await Promise.all(all.map((node) => node.dispose()));
      await model.dispose();
      await dropKeys(redisUrl, prefix);
      await folder.dispose();
      await database?.dispose();
    },
  };
};

type Tests = (world: () => WebWorld) => void;

const describeIn = (nodeCount: number, name: string, tests: Tests): void => {
  jest.setTimeout(90_000);
  (canRunWeb ? describe : describe.skip)(name, () => {
    let world: WebWorld;
    beforeAll(async () => {
      world = await startWebWorld(nodeCount);
    }, 120_000);
    afterEach(async () => {
      expect(await world.browser.closeTabs()).toEqual([]);
    });
    afterAll(() => world.dispose());
    tests(() => world);
  });
};

/** Tests that share a world. What a tab of theirs complained of fails them. */
export const describeWeb = (name: string, tests: Tests): void => describeIn(2, name, tests);

/** Where it does not matter who is on which node. */
export const describeWebOnOneNode = (name: string, tests: Tests): void => describeIn(1, name, tests);

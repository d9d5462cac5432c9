import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A window with a storage of its own; what goes wrong in it and what it asks for is kept. */
export interface Tab {
  readonly page: Page;
  /** Errors in the console, exceptions that nobody caught, violations of the Content-Security-Policy. */
  readonly problems: readonly string[];
  /** The address of every request, sockets too. */
  readonly requests: readonly string[];
}

export interface TestBrowser {
  openTab(url: string, options?: BrowserContextOptions): Promise<Tab>;
  /** Closes all tabs. @returns what went wrong in them. */
  closeTabs(): Promise<string[]>;
  dispose(): Promise<void>;
}

/** What a page must expect while its server is away; Chromium says so in the console whatever the page does. */
const isNetworkNoise = (text: string): boolean =>
  /^WebSocket connection to .* failed|^Failed to load resource: net::ERR_/.test(text);

const watch = (page: Page): Tab => {
  const problems: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !isNetworkNoise(message.text()))
      problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  return { page, problems, requests };
};

/** @param executablePath of Chromium. */
export const startBrowser = async (executablePath: string): Promise<TestBrowser> => {
  const browser: Browser = await chromium.launch({ executablePath, args: flags, headless: true });
  const tabs: Tab[] = [];

  return {
    async openTab(url, options) {
      const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
      context.setDefaultTimeout(20_000);
      const tab = watch(await context.newPage());
      tabs.push(tab);
      await tab.page.goto(url);
      return tab;
    },
    async closeTabs() {
      const closing = tabs.splice(0);
      await Promise.all(closing.map(({ page }) => page.context().close()));
      return closing.flatMap(({ problems }) => problems);
    },
    dispose: () => browser.close(),
  };
};

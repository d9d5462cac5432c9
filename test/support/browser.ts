import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';

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
  /** What stood in the address bar, and in those of frames, one after the other. */
  readonly addresses: readonly string[];
  /** Takes those that were expected out of the problems. @returns them */
  takeProblems(pattern: RegExp): string[];
}

export interface TestBrowser {
  openTab(url: string, options?: BrowserContextOptions): Promise<Tab>;
  /** Another tab of the same window: they share what the browser stores. */
  openTabBeside(tab: Tab, url: string): Promise<Tab>;
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
  const addresses: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !isNetworkNoise(message.text()))
      problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('pageerror', (error) => problems.push(`exception: ${error.stack ?? error.message}`));
  page.on('request', (request) => requests.push(request.url()));
  page.on('websocket', (socket) => requests.push(socket.url()));
  page.on('framenavigated', (frame) => addresses.push(frame.url()));
  return {
    page,
    problems,
    requests,
    addresses,
    takeProblems(pattern) {
      const all = problems.splice(0);
      problems.push(...all.filter((each) => !pattern.test(each)));
      return all.filter((each) => pattern.test(each));
    },
  };
};

export interface TestBrowserOptions {
  /** Playwright hides them otherwise. @default false */
  readonly hasScrollbars?: boolean;
}

/** @param executablePath of Chromium. */
export const startBrowser = async (
  executablePath: string,
  { hasScrollbars = false }: TestBrowserOptions = {},
): Promise<TestBrowser> => {
  const browser: Browser = await chromium.launch({
    executablePath,
    args: flags,
    ignoreDefaultArgs: hasScrollbars ? ['--hide-scrollbars'] : [],
    headless: true,
  });
  const tabs: Tab[] = [];

  const openIn = async (context: BrowserContext, url: string): Promise<Tab> => {
    const tab = watch(await context.newPage());
    tabs.push(tab);
    await tab.page.goto(url);
    return tab;
  };

  return {
    async openTab(url, options) {
      const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...options });
      context.setDefaultTimeout(20_000);
      return openIn(context, url);
    },
    openTabBeside: ({ page }, url) => openIn(page.context(), url),
    async closeTabs() {
      const closing = tabs.splice(0);
      await Promise.all(closing.map(({ page }) => page.context().close()));
      return closing.flatMap(({ problems }) => problems);
    },
    dispose: () => browser.close(),
  };
};

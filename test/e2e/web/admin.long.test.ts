import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { findSeriousViolations } from '../../support/accessibility.ts';
import type { Tab } from '../../support/browser.ts';
import { ask, lastAnswer } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWeb } from '../../support/web-world.ts';

/** A plot says in words what it shows: `Connections: now 2, lowest 1, highest 2 since 12:00`. */
const plot = (page: Page, title: string, what: string): Locator =>
  page.getByRole('img', { name: new RegExp(`^${title}: ${what}`) });

const titles = [
  'Connections',
  'Users',
  'Answers in progress',
  'Messages per second',
  'Token deltas per second',
  'Time to first token',
];

/** Of each plot, how many pixels have the colour of its line. */
const drawnPixels = (page: Page): Promise<number[]> =>
  page.getByRole('img').evaluateAll((plots) =>
    plots.map((element) => {
      const canvas = element.querySelector('canvas');
      const drawing = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      const colour = (getComputedStyle(element).outlineColor.match(/\d+/g) ?? []).map(Number);
      let count = 0;
      for (let at = 0; at < drawing.length; at += 4) {
        const distance = [0, 1, 2].reduce(
          (sum, part) => sum + Math.abs((drawing[at + part] ?? 0) - (colour[part] ?? 0)),
          0,
        );
        if (drawing[at + 3] === 255 && distance < 30) count++;
      }
      return count;
    }),
  );

const sentOverHttp = ({ requests }: Tab): number =>
  requests.filter((each) => !each.startsWith('ws:') && !each.startsWith('data:')).length;

const socketsOf = ({ requests }: Tab): number => requests.filter((each) => each.startsWith('ws:')).length;

const connectionsOf = (page: Page): Locator => page.getByRole('table', { name: /^Connections/ });

/** Below the head. */
const rowsOf = (table: Locator, hasText: string | RegExp = ''): Locator =>
  table.locator('tbody tr').filter({ hasText });

const confirm = async (page: Page, name: string, reason?: string): Promise<void> => {
  const dialog = page.getByRole('dialog');
  if (reason !== undefined) await dialog.getByLabel('Reason (optional)').fill(reason);
  await dialog.getByRole('button', { name, exact: true }).click();
  await dialog.waitFor({ state: 'hidden' });
};

describeWeb('the admin page', (world) => {
  const openAdmin = (name = 'Root', context = {}): Promise<Tab> =>
    world().signIn(name, { role: 'Admin', path: '/admin', context });

  test('is not for learners', async () => {
    const tab = await world().signIn('Ada', { path: '/admin' });
    await tab.page.getByText('This page is for admins, and you are signed in as a learner.').waitFor();
    expect(await tab.page.getByRole('table').count()).toBe(0);
  });

  test('shows figures that move as people come and ask, with a plot of each that a reload brings back', async () => {
    const { page } = await openAdmin();
    await plot(page, 'Connections', 'now 1,').waitFor();
    await plot(page, 'Users', 'now 1,').waitFor();
    const learner = await world().signIn('Ada');
    await plot(page, 'Connections', 'now 2,').waitFor();
    await plot(page, 'Users', 'now 2,').waitFor();

    const answer = world().model.answerTo('Is this counted?');
    await ask(learner.page, 'Is this counted?');
    answer.say('It ');
    await plot(page, 'Answers in progress', 'now 1,').waitFor();
    answer.say('is.');
    answer.finish();
    await plot(page, 'Answers in progress', 'now 0, lowest 0, highest 1').waitFor();
    await plot(page, 'Messages per second', '.*highest (?!0 )').waitFor();
    await plot(page, 'Token deltas per second', '.*highest (?!0 )').waitFor();
    await plot(page, 'Time to first token', 'now \\d').waitFor();

    await page.reload();
    await plot(page, 'Messages per second', '.*highest (?!0 )').waitFor();
    await plot(page, 'Time to first token', 'now \\d').waitFor();
    for (const title of titles) expect(await plot(page, title, 'now ').count()).toBe(1);
    await eventually(async () => {
      const drawn = await drawnPixels(page);
      return drawn.length === titles.length && drawn.every((count) => count > 0);
    });
  });

  test('lists connections by user and by node, and cuts one off, which comes back', async () => {
    const grace = await world().signIn('Grace');
    const ben = await world().signIn('Ben');
    const { page } = await openAdmin();
    const table = connectionsOf(page);
    await rowsOf(table, 'grace').waitFor();
    await rowsOf(table, 'ben').waitFor();
    const filter = page.getByRole('form', { name: 'Filter the connections' });

    await filter.getByLabel('User id').fill('grace');
    await filter.getByRole('button', { name: 'Filter' }).click();
    await page.getByText(/^1 connection, page 1/).waitFor();
    expect(await rowsOf(table).count()).toBe(1);
    await filter.getByRole('button', { name: 'Clear' }).click();
    await page.getByText(/^3 connections, page 1/).waitFor();

    const nodeNames = (await filter.getByLabel('Node').locator('option').allTextContents()).slice(1);
    expect(nodeNames).toHaveLength(2);
    let listed = 0;
    for (const name of nodeNames) {
      await filter.getByLabel('Node').selectOption({ label: name });
      await eventually(async () => {
        const nodesOfRows = await table.locator('tbody code').allTextContents();
        return (
          nodesOfRows.every((each) => each === name) && (await table.getAttribute('aria-busy')) !== 'true'
        );
      });
      listed += await rowsOf(table).count();
    }
    expect(listed).toBe(3);
    await filter.getByRole('button', { name: 'Clear' }).click();

    const row = rowsOf(table, 'grace');
    await row.waitFor();
    const [before, bensBefore] = [socketsOf(grace), socketsOf(ben)];
    await row.getByRole('button', { name: /^Cut off connection/ }).click();
    await confirm(page, 'Cut off', 'Time is up.');
    await page.getByText('1 connection of grace cut off.').waitFor();
    await eventually(() => socketsOf(grace) > before);
    expect(socketsOf(ben)).toBe(bensBefore);
    await ask(grace.page, 'Am I back?');
    await lastAnswer(grace.page).getByText('Understood.').waitFor();
  });

  test('blocks a user, whose page ends, until unblocked', async () => {
    const mallory = await world().signIn('Mallory');
    await mallory.page.getByRole('textbox', { name: 'Message' }).waitFor();
    const { page } = await openAdmin();
    await rowsOf(connectionsOf(page), 'mallory').waitFor();
    await page.getByRole('button', { name: 'Block mallory' }).click();
    await confirm(page, 'Block', 'Shouts.');
    await page.getByText('mallory (Mallory) is blocked: Shouts.').waitFor();
    await mallory.page.getByText('You were signed out.').waitFor();
    await mallory.page.getByRole('button', { name: 'Sign in' }).click();
    await mallory.page.getByText('This account is blocked').waitFor();
    await rowsOf(connectionsOf(page), 'mallory').waitFor({ state: 'detached' });

    const byId = page.getByRole('form', { name: 'Cut off, block or unblock a user' });
    await byId.getByLabel('User id').fill('mallory');
    await byId.getByRole('button', { name: 'Unblock' }).click();
    await confirm(page, 'Unblock');
    await page.getByText('mallory (Mallory) is not blocked.').waitFor();
    await mallory.page.getByRole('button', { name: 'Sign in' }).click();
    await mallory.page.getByRole('textbox', { name: 'Message' }).waitFor();
    expect(mallory.takeProblems(/status of 401/)).not.toEqual([]);
  });

  test('announces to all or to some, as its preview shows, and lists what was sent', async () => {
    const grace = await world().signIn('Grace');
    const ben = await world().signIn('Ben');
    await grace.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await ben.page.getByRole('textbox', { name: 'Message' }).waitFor();
    const root = await openAdmin('Root');
    const rita = await openAdmin('Rita');
    await rita.page.getByText('Nothing has been announced yet.').waitFor();
    await root.page.getByText('Nothing has been announced yet.').waitFor();
    const sentBy = ({ page }: Tab): Locator => page.getByRole('list', { name: 'Sent, newest first' });
    const shownTo = ({ page }: Tab): Locator => page.getByRole('region', { name: 'Announcements' });

    const form = root.page.getByRole('form', { name: 'Announce something' });
    const text = 'For Grace alone:\n  a   book.';
    await form.getByLabel('Announcement', { exact: true }).fill(text);
    const previewed = form.getByLabel('Preview').getByText('For Grace alone:');
    await form.getByLabel('Named users').check();
    await form.getByLabel('User ids').fill('nobody-of-that-name');
    await form.getByRole('button', { name: 'Announce to 1 user' }).click();
    await form.getByLabel('User ids').and(root.page.locator('[aria-invalid=true]')).waitFor();
    await form.getByLabel('User ids').fill('grace');
    const shape = (shown: Locator): Promise<string[]> =>
      shown.evaluate((element) => {
        const { color, backgroundColor, whiteSpace } = getComputedStyle(element);
        return [
          element.textContent ?? '',
          element.parentElement?.className ?? '',
          color,
          backgroundColor,
          whiteSpace,
        ];
      });
    const shapeOfPreview = await shape(previewed);
    await form.getByRole('button', { name: 'Announce to 1 user' }).click();
    await form.getByText('Sent. It reached 1 connection;').waitFor();
    const shown = shownTo(grace).getByText('For Grace alone:');
    await shown.waitFor();
    expect(await shape(shown)).toEqual(shapeOfPreview);
    await sentBy(root).getByText('For Grace alone:').waitFor();

    const readings: string[] = [];
    root.page.on('request', (request) => {
      if (request.postData()?.includes('query AdminBroadcasts(')) readings.push(request.url());
    });
    const askedByGrace = sentOverHttp(grace);
    await rita.page.getByLabel('Announcement', { exact: true }).fill('For everyone.');
    await rita.page.getByRole('button', { name: 'Announce to everyone' }).click();
    await sentBy(root).getByText('For everyone.').waitFor();
    for (const learner of [grace, ben]) await shownTo(learner).getByText('For everyone.').waitFor();
    expect(readings).toEqual([]);
    expect(sentOverHttp(grace)).toBe(askedByGrace);
    expect(await shownTo(ben).getByText('For Grace alone:').count()).toBe(0);

    // Told by the rates, and by no event that she hears.
    await sentBy(rita).getByText('For Grace alone:').waitFor();
    expect(await sentBy(rita).getByRole('listitem').count()).toBe(2);
  });

  test('fits a phone, where rows are cards, and is usable without sight', async () => {
    const name = 'Augusta-Ada-King-Countess-of-Lovelace-and-Metaphysician';
    const learner = await world().signIn(name, {
      context: { userAgent: `A client ${'with a very long name '.repeat(8)}${'x'.repeat(120)}` },
    });
    await learner.page.getByRole('textbox', { name: 'Message' }).waitFor();
    const { page } = await openAdmin('Root', { viewport: { width: 390, height: 844 } });
    const rows = rowsOf(connectionsOf(page), 'augusta');
    await rows.waitFor();
    for (const width of [768, 390, 320]) {
      await page.setViewportSize({ width, height: 844 });
      const isWide = (selector: string) =>
        page
          .locator(selector)
          .evaluateAll(
            (elements, most) => elements.filter(({ scrollWidth }) => scrollWidth > most).length,
            width,
          );
      await eventually(async () => (await isWide('html')) === 0);
      expect(await isWide('table, section, form, ol')).toBe(0);
    }
    const label = (cell: Element) => getComputedStyle(cell, '::before').content;
    expect(await rows.locator('td').first().evaluate(label)).toBe('"Node"');
    expect(await findSeriousViolations(page)).toEqual([]);
    const devtools = await page.context().newCDPSession(page);
    // Two nodes and two connections.
    await eventually(async () => {
      const { nodes } = await devtools.send('Accessibility.getFullAXTree');
      const countOf = (wanted: string) => nodes.filter(({ role }) => role?.value === wanted).length;
      return countOf('row') > 4 && countOf('rowheader') >= 4;
    });
  });

  test('says when it has no connection, wherever one has scrolled to, and goes on by itself', async () => {
    const { page } = await openAdmin();
    await plot(page, 'Connections', 'now 1,').waitFor();
    await page.getByRole('button', { name: 'Read again' }).scrollIntoViewIfNeeded();
    const shown = await page.getByText(/^As of/).textContent();
    world().balancer.setTargets([]);
    world().balancer.cut();
    const banner = page.getByText('No connection. What you write is kept.');
    await banner.waitFor();
    await page.getByText(/^Next try in \d+ s/).waitFor();
    const place = await banner.boundingBox();
    expect(place?.y).toBeGreaterThanOrEqual(0);
    expect(place?.y).toBeLessThan(100);
    world().balancer.setTargets(world().nodes.map(({ url }) => url));
    await banner.waitFor({ state: 'detached' });
    await eventually(async () => (await page.getByText(/^As of/).textContent()) !== shown);
  });

  test('keeps a node that died in sight, and asks for nothing while nothing changes', async () => {
    const tab = await openAdmin();
    const nodes = tab.page.getByRole('table', { name: 'Nodes' });
    const third = await world().startNode();
    await eventually(async () => (await rowsOf(nodes, 'serving').count()) === 3);
    const clock = tab.page.getByText(/^As of/);
    const nextStatus = async (): Promise<void> => {
      const shown = await clock.textContent();
      await eventually(async () => (await clock.textContent()) !== shown);
    };
    await third.kill();
    // What came and went before may still be read; then statuses come, and nothing is asked.
    await eventually(async () => {
      const asked = sentOverHttp(tab);
      await nextStatus();
      await nextStatus();
      return sentOverHttp(tab) === asked;
    });
    await rowsOf(nodes, /not heard of since/).waitFor();
    expect(await rowsOf(nodes, 'serving').count()).toBe(2);
  });
});

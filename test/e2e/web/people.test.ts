import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { ask, askAndHear, cutSends, lastAnswer, unsent } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { postQuery } from '../../support/test-app.ts';
import { describeWeb, type WebWorld } from '../../support/web-world.ts';

const list = (page: Page) => page.getByRole('navigation', { name: 'Conversations' });

const chooseOption = async (page: Page, title: string, option: string): Promise<void> => {
  await page.getByRole('button', { name: `Options of ${title}` }).click();
  await page.getByRole('button', { name: option, exact: true }).click();
};

/** The token of whoever is signed in on a page. */
const tokenOf = async (page: Page): Promise<string> => {
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage }));
  return /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(kept)?.[0] ?? '';
};

/** Also signs the admin in. @returns how to announce something to one user. */
const signInAnnouncer = async (world: WebWorld, userId: string) => {
  const { page } = await world.signIn('Root', { role: 'Admin' });
  await page.getByRole('textbox', { name: 'Message' }).waitFor();
  const token = await tokenOf(page);
  const announce = async (text: string, expiresAt?: Date): Promise<void> => {
    const { errors } = await postQuery(
      new URL('/graphql', world.url).href,
      token,
      'mutation Announce($input: BroadcastInput!) { broadcast(input: $input) { __typename } }',
      { input: { clientBroadcastId: text, text, userIds: [userId], expiresAt } },
    );
    expect(errors).toBeUndefined();
  };
  return { page, announce };
};

describeWeb('the chat among people', (world) => {
  test('others take part: one sees them type, what they wrote is counted, and a new title is there at once', async () => {
    const ben = await world().signIn('Ben');
    await ben.page.getByText('No conversations yet.').waitFor();
    const ada = await world().signIn('Ada');
    const path = await askAndHear(ada.page, 'Shall we learn together?');
    await chooseOption(ada.page, 'Shall we learn together?', 'Participants');
    const dialog = ada.page.getByRole('dialog', { name: 'Participants' });
    await dialog.getByLabel('User id').fill('ben');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByRole('button', { name: 'Remove Ben' }).waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();

    const link = list(ben.page).locator(`a[href="${path}"]`);
    await link.click();
    await lastAnswer(ben.page).getByText('Understood.').waitFor();
    await ada.page.getByRole('textbox', { name: 'Message' }).pressSequentially('I thi');
    await ben.page.getByText('Ada is typing…').waitFor();
    await ada.page.getByRole('textbox', { name: 'Message' }).fill('');
    await ben.page.getByText('Ada is typing…').waitFor({ state: 'hidden' });

    await ben.page.getByRole('button', { name: 'New conversation' }).click();
    await link.getByText('unread').waitFor({ state: 'hidden' });
    await ask(ada.page, 'Are you there, Ben?');
    await link.getByText('2 unread').waitFor();
    await eventually(async () => (await ben.page.title()).startsWith('(2) '));
    expect(await list(ada.page).getByText('unread').count()).toBe(0);

    await chooseOption(ada.page, 'Shall we learn together?', 'Rename');
    const rename = ada.page.getByRole('dialog', { name: 'Rename the conversation' });
    await rename.getByLabel('Title').fill('Ada and Ben');
    await rename.getByRole('button', { name: 'Rename' }).click();
    await link.getByText('Ada and Ben').waitFor();
    await link.click();
    await ben.page.getByRole('heading', { name: 'Ada and Ben' }).waitFor();
    await ben.page.getByText('Are you there, Ben?').waitFor();
    await eventually(async () => !(await ben.page.title()).startsWith('('));
    await ben.page.getByRole('button', { name: 'New conversation' }).click();
    expect(await link.getByText('unread').count()).toBe(0);

    await chooseOption(ada.page, 'Ada and Ben', 'Participants');
    await dialog.getByRole('button', { name: 'Remove Ben' }).click();
    await link.waitFor({ state: 'detached' });
  });

  test('what was not sent to a conversation that one is removed from stays to be copied, until it is discarded', async () => {
    const { page } = await world().signIn('Iris');
    await page.getByText('No conversations yet.').waitFor();
    const hugo = await world().signIn('Hugo');
    const path = await askAndHear(hugo.page, 'For how long together?');
    await chooseOption(hugo.page, 'For how long together?', 'Participants');
    const dialog = hugo.page.getByRole('dialog', { name: 'Participants' });
    await dialog.getByLabel('User id').fill('iris');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await list(page).locator(`a[href="${path}"]`).click();
    await lastAnswer(page).getByText('Understood.').waitFor();

    const mend = await cutSends(page);
    await ask(page, 'Written too late.');
    await page.getByRole('textbox', { name: 'Message' }).fill('Not even finished');
    await unsent(page).getByText('Not sent yet').waitFor();
    await dialog.getByRole('button', { name: 'Remove Iris' }).click();
    const isGone = page.getByRole('heading', { name: 'This conversation is not there' });
    await isGone.waitFor();
    await mend();
    await unsent(page).getByRole('alert').waitFor();
    await page.reload();
    await unsent(page).getByText('Written too late.').waitFor();
    const draft = page.getByRole('article', { name: 'Your draft' });
    await draft.getByText('Not even finished').waitFor();
    await draft.getByRole('button', { name: 'Copy the draft' }).waitFor();

    for (const each of [unsent(page), draft]) {
      await each.getByRole('button', { name: 'Discard' }).click();
      await each.waitFor({ state: 'detached' });
    }
    await page.reload();
    await isGone.waitFor();
    expect(await unsent(page).or(draft).count()).toBe(0);
  });

  test('the tutor is seen to be at it before the first word', async () => {
    const answer = world().model.answerTo('Are you at it?');
    const { page } = await world().signIn('Cleo');
    await ask(page, 'Are you at it?');
    await lastAnswer(page).getByText('Answering').waitFor();
    answer.say('Yes.');
    await lastAnswer(page).getByText('Yes.').waitFor();
    expect(await lastAnswer(page).getByText('Answering').count()).toBe(0);
    answer.finish();
  });

  test('the profile is kept', async () => {
    const { page } = await world().signIn('Dora');
    await page.getByRole('button', { name: 'Profile of Dora' }).click();
    const dialog = page.getByRole('dialog', { name: 'What the tutor knows of you' });
    await dialog.getByLabel('Goals').fill('Pass the exam in May.');
    await dialog.getByLabel('Level').fill('Beginner');
    await dialog.getByLabel('Interests').fill('chess, the sea');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('button', { name: 'Profile of Dora' }).click();
    expect(await dialog.getByLabel('Goals').inputValue()).toBe('Pass the exam in May.');
    expect(await dialog.getByLabel('Level').inputValue()).toBe('Beginner');
    expect(await dialog.getByLabel('Interests').inputValue()).toBe('chess, the sea');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('an announcement stays over a reload, in every window, until it is dismissed in one', async () => {
    const text = 'Maths club at four.';
    const root = await signInAnnouncer(world(), 'finn');
    const first = await world().signIn('Finn');
    await first.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await root.announce(text);
    await first.page.getByText(text).waitFor();
    await first.page.reload();
    await first.page.getByText(text).waitFor();
    const second = await world().signIn('Finn');
    await second.page.getByText(text).waitFor();
    await first.page.getByRole('button', { name: 'Dismiss the announcement' }).click();
    for (const { page } of [first, second]) await page.getByText(text).waitFor({ state: 'detached' });
    await second.page.reload();
    await second.page.getByRole('textbox', { name: 'Message' }).waitFor();
    await list(second.page).getByText('No conversations yet.').waitFor();
    expect(await second.page.getByText(text).count()).toBe(0);
    expect(await root.page.getByText(text).count()).toBe(0);
  });

  test('an announcement goes when it expires, from a page where nothing else happens too', async () => {
    const { announce } = await signInAnnouncer(world(), 'jack');
    const { page } = await world().signIn('Jack');
    await page.getByText('No conversations yet.').waitFor();
    const text = 'The library closes in a moment.';
    await page.clock.install();
    await announce(text, new Date(Date.now() + 3_600_000));
    await page.getByText(text).waitFor();
    await page.clock.fastForward('01:00:01');
    await page.getByText(text).waitFor({ state: 'detached' });
  });

  test('who dismisses announcements by the keyboard keeps a place, and is told when it does not work', async () => {
    const { announce } = await signInAnnouncer(world(), 'kate');
    const { page } = await world().signIn('Kate');
    await page.getByText('No conversations yet.').waitFor();
    const region = page.getByRole('region', { name: 'Announcements' });
    for (const text of ['Below.', 'Above.']) {
      await announce(text);
      await region.getByText(text).waitFor();
    }
    const dismissOf = (text: string) =>
      region.getByRole('listitem').filter({ hasText: text }).getByRole('button');
    const hasFocus = (target: Locator) =>
      target.evaluate((element) => element === element.ownerDocument.activeElement);

    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('mutation MarkBroadcastRead')
        ? route.fulfill({ json: { data: null, errors: [{ message: 'Not now.' }] } })
        : route.fallback(),
    );
    await dismissOf('Above.').press('Enter');
    await region.getByRole('alert').getByText('Not now.').waitFor();
    expect(await hasFocus(dismissOf('Below.'))).toBe(true);
    await page.unroute('**/graphql');
    for (const [text, next] of [
      ['Above.', dismissOf('Below.')],
      ['Below.', region],
    ] as const) {
      await dismissOf(text).press('Enter');
      await region.getByText(text).waitFor({ state: 'detached' });
      expect(await hasFocus(next)).toBe(true);
    }
    expect(await region.getByRole('alert').count()).toBe(0);
  });

  test('light and dark are chosen, kept, or left to the system', async () => {
    const { page } = await world().signIn('Grace', { context: { colorScheme: 'dark' } });
    const theme = page.getByLabel('Theme');
    const isDark = () =>
      page.evaluate(() => getComputedStyle(document.documentElement).colorScheme.includes('dark'));
    await theme.waitFor();
    expect(await isDark()).toBe(true);
    await theme.selectOption('Light');
    expect(await isDark()).toBe(false);
    await page.reload();
    await theme.waitFor();
    expect(await theme.inputValue()).toBe('light');
    expect(await isDark()).toBe(false);
    await page.emulateMedia({ colorScheme: 'light' });
    await theme.selectOption('Dark');
    expect(await isDark()).toBe(true);
    await theme.selectOption('System');
    expect(await isDark()).toBe(false);
  });
});

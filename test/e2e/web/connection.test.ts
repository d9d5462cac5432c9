import { expect, test } from '@jest/globals';
import {
  answersOf,
  answerTextOf,
  ask,
  askAndHear,
  cutSends,
  lastAnswer,
  unsent,
} from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWeb } from '../../support/web-world.ts';

describeWeb('the chat over a bad network', (world) => {
  test('a reload in the middle of an answer shows the same text and goes on', async () => {
    const answer = world().model.answerTo('And then a reload?');
    const { page } = await world().signIn('Ada');
    await ask(page, 'And then a reload?');
    answer.say('Before the reload, ');
    await eventually(async () => (await answerTextOf(page)).includes('Before the reload,'));
    await page.waitForURL(/\/c\//);
    await page.reload();
    await eventually(async () => (await answerTextOf(page)).includes('Before the reload,'));
    answer.say('and after it.');
    answer.finish();
    await eventually(async () => (await answerTextOf(page)).includes('Before the reload, and after it.'));
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    expect(answer.callCount).toBe(1);
  });

  test('a second window shows the same tokens', async () => {
    const answer = world().model.answerTo('In two windows?');
    const first = await world().signIn('Bob');
    await ask(first.page, 'In two windows?');
    answer.say('One, ');
    await eventually(async () => (await answerTextOf(first.page)).includes('One,'));
    await first.page.waitForURL(/\/c\//);
    const second = await world().signIn('Bob', { path: new URL(first.page.url()).pathname });
    await eventually(async () => (await answerTextOf(second.page)).includes('One,'));
    for (const piece of ['two, ', 'three.']) {
      answer.say(piece);
      for (const { page } of [first, second]) {
        await eventually(async () => (await answerTextOf(page)).includes(piece.trim()));
      }
    }
    answer.finish();
    for (const { page } of [first, second]) {
      await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    }
    expect(await answerTextOf(second.page)).toBe(await answerTextOf(first.page));
  });

  test('without a network it says when it tries again, and then has everything', async () => {
    const answer = world().model.answerTo('Through a tunnel?');
    const { page } = await world().signIn('Cleo');
    await ask(page, 'Through a tunnel?');
    answer.say('Into the tunnel, ');
    await eventually(async () => (await answerTextOf(page)).includes('Into the tunnel,'));
    world().balancer.setTargets([]);
    world().balancer.cut();
    await page.getByText('No connection. What you write is kept.').waitFor();
    await page.getByText(/Next try in \d+ s/).waitFor();
    answer.say('and out of it.');
    await ask(page, 'Written in the tunnel.');
    await page.getByRole('article', { name: 'You, not sent yet' }).waitFor();
    world().balancer.setTargets(world().nodes.map(({ url }) => url));
    // It may have come back by itself.
    await page
      .getByRole('button', { name: 'Try now' })
      .click({ timeout: 2_000 })
      .catch(() => {});
    await page.getByText('Into the tunnel, and out of it.').waitFor();
    answer.finish();
    await page.getByText('No connection. What you write is kept.').waitFor({ state: 'hidden' });
    await eventually(async () => (await answerTextOf(page)).includes('Understood.'));
    expect(await page.getByText('Written in the tunnel.').count()).toBe(1);
  });

  test('what could not be sent is kept over a reload and goes out by a click, once', async () => {
    const { page } = await world().signIn('Elsa');
    await askAndHear(page, 'A first one.');
    const mend = await cutSends(page);
    await ask(page, 'Kept until it can be sent.');
    await unsent(page).getByText('Not sent yet').waitFor();
    await page.reload();
    await unsent(page).getByText('Kept until it can be sent.').waitFor();
    await unsent(page).getByText('Not sent yet').waitFor();
    await mend();
    await unsent(page)
      .getByRole('button', { name: 'Send now' })
      .click({ timeout: 2_000 })
      // It goes out by itself too.
      .catch(() => {});
    await unsent(page).waitFor({ state: 'detached' });
    await eventually(async () => (await answersOf(page, 'Understood.').count()) === 2);
    expect(await page.getByText('Kept until it can be sent.').count()).toBe(1);
    await page.reload();
    await eventually(async () => (await answersOf(page, 'Understood.').count()) === 2);
    expect(await page.getByText('Kept until it can be sent.').count()).toBe(1);
    expect(await unsent(page).count()).toBe(0);
  });

  test('what the server refuses says why, is kept over a reload, and goes out when one wants it to', async () => {
    const { page } = await world().signIn('Fay');
    await askAndHear(page, 'A first one.');
    const refusal = { code: 'RATE_LIMITED', temporary: true, retryAfter: 7 };
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('mutation SendMessage')
        ? route.fulfill({ json: { data: null, errors: [{ message: 'Slower.', extensions: refusal }] } })
        : route.fallback(),
    );
    await ask(page, 'Too quick.');
    await unsent(page).getByText('You are sending too quickly. Try again in 7 s.').waitFor();
    await page.reload();
    await unsent(page).getByText('You are sending too quickly. Try again in 7 s.').waitFor();
    await page.unroute('**/graphql');
    await unsent(page).getByRole('button', { name: 'Retry' }).click();
    await unsent(page).waitFor({ state: 'detached' });
    await eventually(async () => (await answersOf(page, 'Understood.').count()) === 2);
    expect(await page.getByText('Too quick.').count()).toBe(1);
  });

  test('what is discarded in one tab is gone in the other, and stays away', async () => {
    const one = await world().signIn('Gina');
    const path = await askAndHear(one.page, 'A first one.');
    const mend = await cutSends(one.page);
    await ask(one.page, 'Better not.');
    await unsent(one.page).getByText('Not sent yet').waitFor();
    const two = await world().signIn('Gina', { path, beside: one });
    await unsent(two.page).getByText('Better not.').waitFor();
    await unsent(one.page).getByRole('button', { name: 'Discard' }).click();
    await unsent(two.page).waitFor({ state: 'detached' });
    await mend();
    await ask(two.page, 'This rather.');
    await eventually(async () => (await answersOf(two.page, 'Understood.').count()) === 2);
    for (const { page } of [one, two]) {
      await page.reload();
      await page.getByText('This rather.').waitFor();
      expect(await page.getByText('Better not.').count()).toBe(0);
    }
  });

  test('when the node dies in the middle of an answer, it goes on at the other', async () => {
    const answer = world().model.answerTo('And if a node dies?');
    const [one, other] = world().nodes;
    if (!one || !other) throw new Error('there are two nodes');
    world().balancer.setTargets([one.url]);
    const { page } = await world().signIn('Dora');
    await ask(page, 'And if a node dies?');
    answer.say('The node dies here ');
    await eventually(async () => (await answerTextOf(page)).includes('The node dies here'));
    world().balancer.setTargets([other.url]);
    await one.kill();
    answer.say('and the answer goes on.');
    answer.finish();
    await eventually(async () =>
      (await answerTextOf(page)).includes('The node dies here and the answer goes on.'),
    );
    await lastAnswer(page).getByRole('button', { name: 'Copy the answer' }).waitFor();
    // Once more where the node that died was making it; the other one may have taken it first.
    expect([1, 2]).toContain(answer.callCount);
  });
});

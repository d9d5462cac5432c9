import { expect, test } from '@jest/globals';
import { Client } from 'pg';
import type { Page } from 'playwright-core';
import { answerTextOf, ask, lastAnswer } from '../../support/chat-page.ts';
import { eventually } from '../../support/eventually.ts';
import { describeWeb } from '../../support/web-world.ts';

/** Notes tasks of 50 ms and longer from here on. */
const watchLongTasks = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const tasks: number[] = [];
    Reflect.set(window, 'longTasks', tasks);
    new PerformanceObserver((list) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
    });
  });

const longTasksOf = (page: Page): Promise<number[]> => page.evaluate(() => Reflect.get(window, 'longTasks'));

const describeTasks = (tasks: readonly number[]): string =>
  `${tasks.length} long tasks, ${tasks.length > 0 ? `the longest ${Math.round(Math.max(...tasks))} ms` : 'none'}`;

/** Puts 9,999 older messages before the one that is there. */
const growTo10000 = async (databaseUrl: string, conversationId: string): Promise<void> => {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('update messages set position = position + 9999 where conversation_id = $1', [
      conversationId,
    ]);
    await client.query(
      `insert into messages (id, conversation_id, position, author_kind, author_id, author_name, text, created_at)
       select gen_random_uuid(), m.conversation_id, n, m.author_kind, m.author_id, m.author_name,
         'Message ' || n || repeat(' and more of it', (n % 7)::int), m.created_at - (10000 - n) * interval '1 second'
       from messages m, generate_series(1, 9999) n where m.conversation_id = $1 and m.author_kind = 'LEARNER'`,
      [conversationId],
    );
  } finally {
    await client.end();
  }
};

describeWeb('the chat under load', (world) => {
  test('shows 200 tokens a second as they come', async () => {
    const { page } = await world().signIn('Ada');
    const answer = world().model.answerTo('Quickly, please.');
    await ask(page, 'Quickly, please.');
    answer.say('Now: ');
    await eventually(async () => (await answerTextOf(page)).includes('Now:'));
    await watchLongTasks(page);
    const startedAt = performance.now();
    const words = 1_000;
    let said = 0;
    await eventually(
      () => {
        const due = Math.min(words, Math.floor((performance.now() - startedAt) / 5));
        for (; said < due; said++) answer.say(said % 40 === 39 ? `word${said}.\n\n` : `word${said} `);
        return said === words;
      },
      { intervalMs: 20 },
    );
    answer.say('Done.');
    answer.finish();
    await lastAnswer(page).getByText('Done.').waitFor();
    const delayMs = performance.now() - startedAt - words * 5;
    const tasks = await longTasksOf(page);
    console.info(
      `200 tokens a second for 5 s: ${describeTasks(tasks)}; the end ${Math.round(delayMs)} ms later`,
    );
    expect(Math.max(0, ...tasks)).toBeLessThan(500);
  });

  test('scrolls through 10,000 messages, which load as one goes up', async () => {
    const { page } = await world().signIn('Bob');
    await ask(page, 'The last of many.');
    await lastAnswer(page).getByText('Understood.').waitFor();
    await page.waitForURL(/\/c\//);
    await growTo10000(world().databaseUrl, new URL(page.url()).pathname.replace('/c/', ''));
    await page.reload();
    await page.getByText('The last of many.').last().waitFor();
    await watchLongTasks(page);
    await page.getByRole('region', { name: 'Messages' }).hover();
    const firstShown = () =>
      page
        .getByRole('article')
        .first()
        .textContent()
        .then((text) => Number(/Message (\d+)/.exec(text ?? '')?.[1] ?? 10_000));
    await eventually(
      async () => {
        await page.mouse.wheel(0, -4_000);
        return (await firstShown()) < 9_000;
      },
      { intervalMs: 30, timeoutMs: 40_000 },
    );
    expect(await page.getByRole('article').count()).toBeLessThan(100);
    const tasks = await longTasksOf(page);
    console.info(`1,000 of 10,000 messages scrolled up: ${describeTasks(tasks)}`);
    await page.getByRole('button', { name: 'To the end' }).click();
    await page.getByText('The last of many.').last().waitFor();
  });
});

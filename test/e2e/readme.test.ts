import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { runCommand, type ServerProcess, startScript, startServerProcess } from '../support/processes.ts';
import { createTempFolder } from '../support/stores.ts';

jest.setTimeout(60_000);

describe('the first conversation of the README', () => {
  let data: Awaited<ReturnType<typeof createTempFolder>>;
  let server: ServerProcess;
  let env: Record<string, string>;
  let readme: string;

  beforeAll(async () => {
    readme = await readFile('README.md', 'utf8');
    data = await createTempFolder();
    env = { EDAGENT_DATA_DIR: data.path, EDAGENT_OFFLINE_TOKENS_PER_SECOND: '1000' };
    server = await startServerProcess({ env });
  }, 120_000);

  afterAll(async () => {
    await server.dispose();
    await data.dispose();
  });

  test('[L13] its curl request and its 15-line client show the answer from the beginning', async () => {
    const { stdout } = await runCommand(['token', '--user', 'ada', '--name', 'Ada'], { env });
    const token = stdout.trim();
    const body = /-d '(\{[\s\S]*?\} \} \})'/.exec(readme)?.[1] ?? '';
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    });
    const { data: sent } = JSON.parse(await response.text());
    const { conversation, cursor } = sent.sendMessage;

    const source = /<!-- example:watch -->\n```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
    expect(source.trim().split('\n').length).toBe(15);
    // Inside the project, where a stranger would save it, so that it finds the packages.
    await mkdir('.cache', { recursive: true });
    const folder = await mkdtemp(join('.cache', 'readme-'));
    try {
      await writeFile(
        join(folder, 'watch.mjs'),
        source.replace('ws://127.0.0.1:4000', server.url.replace('http', 'ws')),
      );
      const watch = startScript(join(folder, 'watch.mjs'), [token, conversation.id, cursor]);
      expect(await watch.waitForExit()).toMatchObject({ code: 0 });
      expect(watch.stdout).toContain('Study plan: fractions');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { startTestApp, type TestApp } from '../../support/test-app.ts';

describe('the GraphQL over HTTP specification', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.dispose());

  const audits = serverAudits({ url: () => app.url, fetchFn: fetch });

  for (const audit of audits.filter(({ name }) => name.startsWith('MUST'))) {
    test(`[C1] ${audit.id}: ${audit.name}`, async () => {
      const result = await audit.fn();
      expect(result.status === 'ok' ? 'ok' : `${result.status}: ${result.reason}`).toBe('ok');
    });
  }

  test('what it merely recommends holds too', async () => {
    const failed: string[] = [];
    for (const audit of audits.filter(({ name }) => !name.startsWith('MUST'))) {
      const result = await audit.fn();
      if (result.status !== 'ok') failed.push(`${audit.id}: ${audit.name}`);
    }
    expect(failed).toEqual([]);
  });
});

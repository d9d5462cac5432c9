import { describe, expect, test } from '@jest/globals';
import { renderGraphiqlPage } from '../../../src/server/graphiql.ts';

describe('the page of GraphiQL', () => {
  test('[C2] gives what stands in its headers to connectionParams as well', async () => {
    const page = await renderGraphiqlPage({});
    expect(
      page.match(/extensions:\{headers:(\w+)\?\.headers,connectionParams:\1\?\.headers\}/g),
    ).toHaveLength(1);
  });
});

import { expect, test } from '@jest/globals';
import { createLazy } from '../../../web/src/ui/lazy.ts';
import { eventually } from '../../support/eventually.ts';

test('what was asked for is loaded once', async () => {
  let loads = 0;
  const lazy = createLazy(async () => ++loads);
  expect(lazy.loaded.get()).toBeUndefined();
  lazy.load();
  lazy.load();
  await eventually(() => lazy.loaded.get() === 1);
  lazy.load();
  expect(loads).toBe(1);
});

test('a failed load is tried again after a while, however often it is asked for', async () => {
  let at = 0;
  let loads = 0;
  const lazy = createLazy(
    async () => {
      if (++loads < 2) throw new Error('no way');
      return 'it';
    },
    () => at,
  );
  lazy.load();
  await eventually(() => lazy.hasFailed.get());
  lazy.load();
  expect(loads).toBe(1);
  at = 10_000;
  lazy.load();
  await eventually(() => lazy.loaded.get() === 'it');
  expect(lazy.hasFailed.get()).toBe(false);
});

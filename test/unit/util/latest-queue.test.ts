import { describe, expect, test } from '@jest/globals';
import { createLatestQueue } from '../../../src/util/latest-queue.ts';

const setup = () => {
  let returns = 0;
  const queue = createLatestQueue<string>({
    keyOf: (value) => value.slice(0, 1),
    onReturn: () => {
      returns += 1;
    },
  });
  const next = async () => {
    const step = await queue.iterator.next();
    return step.done ? null : step.value;
  };
  return { queue, next, returns: () => returns };
};

describe('a queue of the latest', () => {
  test('of each key only the latest value waits, in the order in which the keys began to wait', async () => {
    const { queue, next } = setup();
    for (const value of ['a1', 'b1', 'a2', 'c1', 'a3']) queue.push(value);
    expect([await next(), await next(), await next()]).toEqual(['a3', 'b1', 'c1']);
    queue.push('a4');
    expect(await next()).toBe('a4');
  });

  test('pulls that wait are served in order', async () => {
    const { queue, next } = setup();
    const pulls = [next(), next()];
    queue.push('a1');
    queue.push('a2');
    expect(await Promise.all(pulls)).toEqual(['a1', 'a2']);
  });

  test('the end drops what waits and ends every pull', async () => {
    const { queue, next, returns } = setup();
    const waiting = next();
    queue.end();
    expect(await waiting).toBeNull();
    queue.push('a1');
    expect(await next()).toBeNull();
    expect(returns()).toBe(0);
  });

  test('return() settles while idle and tells', async () => {
    const { queue, next, returns } = setup();
    const waiting = next();
    expect(await queue.iterator.return()).toEqual({ value: undefined, done: true });
    expect(await waiting).toBeNull();
    expect(returns()).toBe(1);
  });
});

import { describe, expect, test } from '@jest/globals';
import type { Sink } from 'graphql-ws';
import { toIterator } from '../../../client/src/iterator.ts';

const startIterator = () => {
  const handle: { sink?: Sink<number>; unsubscribed: number } = { unsubscribed: 0 };
  const iterator = toIterator<number>((sink) => {
    handle.sink = sink;
    return () => handle.unsubscribed++;
  });
  return { iterator, handle, sink: handle.sink as Sink<number> };
};

const finished = { done: true, value: undefined };

describe('toIterator', () => {
  test('values come in order, those that came before they were asked for and those after', async () => {
    const { iterator, sink } = startIterator();
    sink.next(1);
    sink.next(2);
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    expect(await iterator.next()).toEqual({ done: false, value: 2 });
    const [third, fourth] = [iterator.next(), iterator.next()];
    sink.next(3);
    sink.next(4);
    expect(await third).toEqual({ done: false, value: 3 });
    expect(await fourth).toEqual({ done: false, value: 4 });
  });

  test('completion ends it after the values that came before', async () => {
    const { iterator, sink } = startIterator();
    sink.next(1);
    sink.complete();
    const values: number[] = [];
    for await (const value of iterator) values.push(value);
    expect(values).toEqual([1]);
    expect(await iterator.next()).toEqual(finished);
  });

  test('a failure is thrown once, after the values that came before', async () => {
    const { iterator, sink } = startIterator();
    sink.next(1);
    sink.error('lost');
    expect(await iterator.next()).toEqual({ done: false, value: 1 });
    await expect(iterator.next()).rejects.toBe('lost');
    expect(await iterator.next()).toEqual(finished);
  });

  test('a failure reaches the first of those who wait, and ends the others', async () => {
    const { iterator, sink } = startIterator();
    const first = expect(iterator.next()).rejects.toBe('lost');
    const second = iterator.next();
    sink.error('lost');
    await first;
    expect(await second).toEqual(finished);
    expect(await iterator.next()).toEqual(finished);
  });

  test('return settles what is pending at once and unsubscribes', async () => {
    const { iterator, handle, sink } = startIterator();
    const pending = iterator.next();
    expect(await iterator.return?.()).toEqual(finished);
    expect(await pending).toEqual(finished);
    expect(handle.unsubscribed).toBe(1);
    sink.next(1);
    expect(await iterator.next()).toEqual(finished);
  });

  test('leaving the loop unsubscribes', async () => {
    const { iterator, handle, sink } = startIterator();
    sink.next(1);
    sink.next(2);
    for await (const _ of iterator) break;
    expect(handle.unsubscribed).toBe(1);
    expect(await iterator.next()).toEqual(finished);
  });

  test('throw unsubscribes and rejects', async () => {
    const { iterator, handle } = startIterator();
    await expect(iterator.throw?.('enough')).rejects.toBe('enough');
    expect(handle.unsubscribed).toBe(1);
  });
});

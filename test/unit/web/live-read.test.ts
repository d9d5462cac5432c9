import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createLiveRead } from '../../../web/src/chat/live-read.ts';

type Ended = (end: { readonly forGood: boolean }) => void;

/** Reads are answered by hand; what is followed at the moment is known. */
const createTrial = () => {
  const reads: { resolve(page: string | undefined): void; reject(error: Error): void }[] = [];
  const shown: string[] = [];
  const failures: unknown[] = [];
  const followed = new Map<string, Ended>();
  const live = createLiveRead<string>({
    read: () => new Promise((resolve, reject) => void reads.push({ resolve, reject })),
    show: (page) => void shown.push(page),
    follow(page, ended) {
      followed.set(page, ended);
      return () => void followed.delete(page);
    },
    onFailed: (error) => void failures.push(error),
  });
  const answer = async (page: string | undefined) => {
    reads.at(-1)?.resolve(page);
    await jest.advanceTimersByTimeAsync(0);
  };
  const fail = async () => {
    reads.at(-1)?.reject(new Error('no way'));
    await jest.advanceTimersByTimeAsync(0);
  };
  return { live, reads, shown, failures, followed, answer, fail };
};

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

test('a page is shown and followed, and read again without another subscription', async () => {
  const { live, shown, followed, answer } = createTrial();
  live.refresh();
  await answer('a');
  live.refresh();
  await answer('b');
  expect(shown).toEqual(['a', 'b']);
  expect([...followed.keys()]).toEqual(['a']);
  live.dispose();
  expect(followed.size).toBe(0);
});

test('what asks for another read meanwhile gets one that begins afterwards, once', async () => {
  const { live, reads, shown, answer } = createTrial();
  live.refresh();
  live.refresh();
  live.refresh();
  expect(reads).toHaveLength(1);
  await answer('a');
  expect(reads).toHaveLength(2);
  await answer('b');
  expect(reads).toHaveLength(2);
  expect(shown).toEqual(['a', 'b']);
  live.dispose();
});

test('one that ended for now is begun anew after a wait, and nothing of the old one stays', async () => {
  const { live, reads, followed, answer } = createTrial();
  live.refresh();
  await answer('a');
  followed.get('a')?.({ forGood: false });
  expect(followed.size).toBe(0);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(reads).toHaveLength(2);
  await answer('b');
  expect([...followed.keys()]).toEqual(['b']);
  live.dispose();
});

test('one that ended for good, or is not there, is left alone', async () => {
  const { live, reads, followed, answer } = createTrial();
  live.begin('a');
  followed.get('a')?.({ forGood: true });
  expect(jest.getTimerCount()).toBe(0);
  live.refresh();
  await answer(undefined);
  expect(followed.size).toBe(0);
  expect(reads).toHaveLength(1);
  live.dispose();
});

test('a read that failed is tried again after a wait, while what was there is followed', async () => {
  const { live, reads, failures, followed, answer, fail } = createTrial();
  live.begin('a');
  live.refresh();
  await fail();
  expect(failures).toHaveLength(1);
  expect([...followed.keys()]).toEqual(['a']);
  await jest.advanceTimersByTimeAsync(2_000);
  expect(reads).toHaveLength(2);
  await answer('b');
  expect(jest.getTimerCount()).toBe(0);
  live.dispose();
});

test('a read that ends after the disposal shows nothing', async () => {
  const { live, shown, answer } = createTrial();
  live.refresh();
  live.dispose();
  await answer('a');
  expect(shown).toEqual([]);
});

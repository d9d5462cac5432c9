import { parseCursor } from '../../src/domain/cursor.ts';
import type { Fact } from './history.ts';

const longest = 60;

const short = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text);

const readableCursor = (cursor: string): string => {
  try {
    const { topic, seq } = parseCursor(cursor);
    return `${topic} ${seq}`;
  } catch {
    return cursor;
  }
};

/** Cursors as positions, long texts cut. */
const readable = (key: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  return key === 'cursor' ? readableCursor(value) : short(value);
};

const after = (fact: Fact): object =>
  fact.kind === 'subscribed' ? { ...fact, after: fact.after.map(readableCursor) } : fact;

/** One fact in one line. */
export const printFact = (fact: Fact): string => {
  const { kind, atMs, ...rest } = after(fact) as Fact;
  return `${(atMs / 1_000).toFixed(3).padStart(9)} s  ${kind} ${JSON.stringify(rest, readable)}`;
};

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRota } from '../../../src/util/rota.ts';

describe('a rota', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('gives each member one turn in a period, spread over it', () => {
    const turns: number[] = [];
    const rota = createRota<number>({ everyMs: 1_600, onTurn: (member) => turns.push(member) });
    const members = Array.from({ length: 40 }, (_, member) => member);
    for (const member of members) rota.add(member);
    jest.advanceTimersByTime(800);
    expect(turns.length).toBeGreaterThan(10);
    expect(turns.length).toBeLessThan(30);
    jest.advanceTimersByTime(800);
    expect([...turns].sort((a, b) => a - b)).toEqual(members);
    jest.advanceTimersByTime(1_600);
    expect(turns).toHaveLength(80);
    rota.dispose();
  });

  test('needs no timer while it has no member', () => {
    const turns: string[] = [];
    const rota = createRota<string>({
      everyMs: 160,
      onTurn(member) {
        turns.push(member);
        rota.delete(member);
      },
    });
    expect(jest.getTimerCount()).toBe(0);
    for (const member of ['a', 'b']) {
      rota.add(member);
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(170);
      expect(jest.getTimerCount()).toBe(0);
    }
    expect(turns).toEqual(['a', 'b']);
    rota.dispose();
  });

  test('passes over one that left, and stops when it is disposed', () => {
    const turns: string[] = [];
    const rota = createRota<string>({ everyMs: 160, onTurn: (member) => turns.push(member) });
    rota.add('a');
    rota.add('b');
    rota.delete('a');
    jest.advanceTimersByTime(160);
    rota.dispose();
    jest.advanceTimersByTime(1_600);
    expect(turns).toEqual(['b']);
    expect(jest.getTimerCount()).toBe(0);
  });
});

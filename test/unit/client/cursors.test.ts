import { describe, expect, test } from '@jest/globals';
import { createCursors } from '../../../client/src/cursors.ts';

const at = (cursor: string, topic = 'user:1') => ({ topic, cursor });
const ready = { event: 'Ready', resumed: false, cursors: [at('0')] };

describe('createCursors', () => {
  test.each([[undefined], [null], [{}], [{ tracing: { version: 1 } }]])(
    'extensions without events (%j) are delivered and move nothing',
    (extensions) => {
      const cursors = createCursors();
      expect(cursors.take(extensions, 1)).toBe(true);
      expect(cursors.after()).toEqual([]);
    },
  );

  test('a dropped event does not move the cursor back', () => {
    const cursors = createCursors();
    cursors.take(ready, 1);
    cursors.take(at('1'), 1);
    cursors.take(at('2'), 1);
    expect(cursors.take(at('1'), 1)).toBe(false);
    expect(cursors.after()).toEqual(['2']);
  });

  test('the position of a Ready counts as seen', () => {
    const cursors = createCursors();
    cursors.take({ ...ready, cursors: [at('7')] }, 1);
    expect(cursors.take(at('7'), 1)).toBe(false);
  });

  test('a first replay of two full topics is remembered in whole', () => {
    const cursors = createCursors();
    for (let seq = 1; seq <= 1_000; seq++) {
      cursors.take(at(`${seq}`), 1);
      cursors.take(at(`${seq}`, 'broadcast'), 1);
    }
    expect(cursors.after()).toEqual([]);
    expect(cursors.take(at('1'), 2)).toBe(false);
    expect(cursors.take(at('1000', 'broadcast'), 2)).toBe(false);
  });

  test('after Ready the last few hundred are remembered and no more', () => {
    const cursors = createCursors();
    cursors.take(ready, 1);
    for (let seq = 1; seq <= 1_000; seq++) cursors.take(at(`${seq}`), 1);
    expect(cursors.take(at('800'), 1)).toBe(false);
    expect(cursors.take(at('700'), 1)).toBe(true);
  });

  test('a Resync on a live subscription does not silence a later Ready that did not resume', () => {
    const cursors = createCursors();
    cursors.take(ready, 1);
    expect(cursors.take({ event: 'Resync', cursors: [at('5')] }, 1)).toEqual({
      cause: 'resync',
      topics: ['user:1'],
    });
    expect(cursors.take({ ...ready, cursors: [at('9')] }, 2)).toEqual({
      cause: 'not-resumed',
      topics: ['user:1'],
    });
  });
});

import { describe, expect, test } from '@jest/globals';
import { toDevelopmentUserId } from '../../../src/server/development-user.ts';

describe('the user id of a name and a role', () => {
  test.each([
    ['Ada', 'LEARNER', 'ada'],
    ['Ada', 'ADMIN', 'ada-admin'],
    ['  Ada   LOVELACE ', 'LEARNER', 'ada-lovelace'],
    ['Zoë O’Neill', 'LEARNER', 'zoë-o-neill'],
    ['Zoe\u0308', 'LEARNER', 'zoë'],
    ['李雷', 'LEARNER', '李雷'],
    ['🙂', 'LEARNER', expect.stringMatching(/^user-[0-9a-f]{8}$/)],
  ] as const)('%s as %s is %s', (name, role, id) => {
    expect(toDevelopmentUserId(name, role)).toEqual(id);
  });

  test('no learner gets the id of an admin, whatever the name', () => {
    const names = ['Ada', 'Ada Admin', 'Ada Learner', 'Ada Admin Learner', 'Admin'];
    const ids = names.flatMap((name) => [
      toDevelopmentUserId(name, 'LEARNER'),
      toDevelopmentUserId(name, 'ADMIN'),
    ]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('stays within the bound of a user id', () => {
    expect(toDevelopmentUserId('\ufdfa'.repeat(60), 'ADMIN').length).toBeLessThanOrEqual(128);
  });
});

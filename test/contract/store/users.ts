import { describe, expect, test } from '@jest/globals';
import { newId } from '../../../src/util/id.ts';
import { addUser, type GetWorld } from './world.ts';

export const usersContract = (world: GetWorld) =>
  describe('users', () => {
    test('a user is made with an empty profile on first sight', async () => {
      const { store } = world();
      const id = `ada-${newId()}`;
      const user = await store.users.ensure({ id, name: 'Ada', role: 'LEARNER' });
      expect(user).toEqual({
        id,
        name: 'Ada',
        role: 'LEARNER',
        profile: { goals: '', level: '', interests: [] },
        createdAt: expect.stringMatching(/^2026-.*Z$/),
        blockedAt: null,
        blockedReason: null,
      });
      expect(await store.users.find(id)).toEqual(user);
    });

    test('name and role follow the login, the profile stays', async () => {
      const { store } = world();
      const { id, createdAt } = await addUser(store);
      await store.users.updateProfile(id, { goals: 'Pass' });
      const user = await store.users.ensure({ id, name: 'Ada L.', role: 'ADMIN' });
      expect(user).toMatchObject({ name: 'Ada L.', role: 'ADMIN', createdAt, profile: { goals: 'Pass' } });
    });

    test('many seen at once are each made, known, renamed or refused on their own', async () => {
      const { store } = world();
      const known = await addUser(store);
      const renamed = await addUser(store);
      const fresh = { id: `new-${newId()}`, name: 'New', role: 'ADMIN' } as const;
      const logins = [
        { id: known.id, name: known.name, role: known.role },
        { id: renamed.id, name: 'Other', role: renamed.role },
        fresh,
        { id: 'bad\0id', name: 'Bad', role: 'LEARNER' } as const,
        fresh,
      ];
      const seen = await Promise.allSettled(logins.map((login) => store.users.ensure(login)));
      expect(seen.map(({ status }) => status)).toEqual([
        'fulfilled',
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(await Promise.all(logins.slice(0, 3).map(({ id }) => store.users.find(id)))).toMatchObject(
        logins.slice(0, 3),
      );
    });

    test('a user seen by many requests at once is made once', async () => {
      const { store, other } = world();
      const id = `eve-${newId()}`;
      const seen = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          (index % 2 ? store : other).users.ensure({ id, name: 'Eve', role: 'LEARNER' }),
        ),
      );
      expect(new Set(seen.map((user) => user.createdAt)).size).toBe(1);
    });

    test('unknown users are absent', async () => {
      const { store } = world();
      const { id } = await addUser(store);
      expect(await store.users.find('nobody')).toBeNull();
      expect((await store.users.findMany([id, 'nobody'])).map((user) => user.id)).toEqual([id]);
      expect(await store.users.setBlocked('nobody', true, null)).toBeNull();
      expect(await store.users.setBlocked('no\0body', true, null)).toBeNull();
      await expect(store.users.updateProfile('nobody', {})).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('a profile changes only where it is told to', async () => {
      const { store } = world();
      const { id } = await addUser(store);
      await store.users.updateProfile(id, { goals: 'Pass', level: 'B1', interests: ['a "b", {c}', 'ü\\'] });
      const user = await store.users.updateProfile(id, { level: '' });
      expect(user.profile).toEqual({ goals: 'Pass', level: '', interests: ['a "b", {c}', 'ü\\'] });
    });

    test('a block has a time and a reason, and ends', async () => {
      const { store } = world();
      const { id } = await addUser(store);
      const innocent = await addUser(store);
      const blocked = await store.users.setBlocked(id, true, 'spam');
      expect(blocked).toMatchObject({ blockedAt: expect.any(String), blockedReason: 'spam' });
      const again = await store.users.setBlocked(id, true, 'more spam');
      expect(again).toMatchObject({ blockedAt: blocked?.blockedAt, blockedReason: 'more spam' });
      const recent = (await store.nodes.recentCuts(60_000)).blockedUserIds;
      expect(recent).toContain(id);
      expect(recent).not.toContain(innocent.id);
      expect((await store.nodes.recentCuts(0)).blockedUserIds).toEqual([]);
      expect(await store.users.setBlocked(id, false, null)).toMatchObject({
        blockedAt: null,
        blockedReason: null,
      });
      expect((await store.nodes.recentCuts(60_000)).blockedUserIds).not.toContain(id);
    });
  });

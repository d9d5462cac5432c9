import { describe, expect, test } from '@jest/globals';
import { createAccounts } from '../../../src/conversations/accounts.ts';
import type { Viewer } from '../../../src/conversations/port.ts';
import type { User } from '../../../src/domain/entities.ts';
import type { Store } from '../../../src/store/port.ts';

const ada: Viewer = { userId: 'ada', name: 'Ada', role: 'LEARNER' };

interface State {
  reads: number;
  isBlocked: boolean;
  held: Promise<void>;
}

/** A store of which only this is asked. */
const createUsers = () => {
  const state: State = { reads: 0, isBlocked: false, held: Promise.resolve() };
  const ensure = async ({ id, name, role }: { id: string; name: string; role: User['role'] }) => {
    state.reads += 1;
    const blockedAt = state.isBlocked ? '2026-01-01T00:00:00.000Z' : null;
    await state.held;
    return { id, name, role, blockedAt } as User;
  };
  return { state, store: { users: { ensure } } as unknown as Store };
};

describe('who is admitted', () => {
  const start = () => {
    const { state, store } = createUsers();
    return { state, accounts: createAccounts({ store, now: () => new Date(), cacheMs: 1 }) };
  };

  test('is not read again, but under another name or role', async () => {
    const { state, accounts } = start();
    for (let n = 0; n < 5; n += 1) await accounts.admit(ada);
    expect(state.reads).toBe(1);
    await accounts.admit({ ...ada, name: 'Ada L.' });
    await accounts.admit({ ...ada, role: 'ADMIN' });
    expect(state.reads).toBe(3);
  });

  test('[A9] is refused as soon as a block is told of', async () => {
    const { state, accounts } = start();
    await accounts.admit(ada);
    state.isBlocked = true;
    accounts.forget(ada.userId);
    await expect(accounts.admit(ada)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    // And comes back in as soon as it is read that they may.
    state.isBlocked = false;
    accounts.forget(ada.userId);
    await accounts.admit(ada);
  });

  test('[A9] is read again when the block was told of while they were read', async () => {
    const { state, accounts } = start();
    let letGo = (): void => {};
    state.held = new Promise((resolve) => {
      letGo = resolve;
    });
    const admitting = accounts.admit(ada);
    state.isBlocked = true;
    accounts.forget(ada.userId);
    letGo();
    await admitting;
    await expect(accounts.admit(ada)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});

import { describe, expect, test } from '@jest/globals';
import { toRefusal } from '../../../web/src/admin/refusal.ts';
import { toActionText, toSelfWarning, type UserAction } from '../../../web/src/admin/user-action.ts';
import { TokenError } from '../../../web/src/auth/token-error.ts';

const refused = (message: string, extensions: Record<string, unknown>) =>
  toRefusal({ graphQLErrors: [{ message, extensions }] });

describe('a refusal', () => {
  test('keeps its code and its field, and says the field only once', () => {
    expect(refused('userIds: unknown: bob.', { code: 'BAD_INPUT', field: 'userIds' })).toEqual({
      code: 'BAD_INPUT',
      message: 'Unknown: bob.',
      field: 'userIds',
      isUnsure: false,
    });
  });

  test.each(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'BAD_INPUT', 'RATE_LIMITED'])(
    'with %s came before anything was done',
    (code) => expect(refused('No.', { code }).isUnsure).toBe(false),
  );

  test.each(['UNAVAILABLE', 'INTERNAL'])('with %s leaves open what was done', (code) =>
    expect(refused('No.', { code }).isUnsure).toBe(true),
  );

  test('without an answer leaves it open too', () => {
    expect(toRefusal({ networkError: new Error('socket'), graphQLErrors: [] })).toMatchObject({
      code: 'NETWORK',
      isUnsure: true,
    });
  });

  test('for want of a token says so, and nothing was done', () => {
    const networkError = new TokenError('The sign-in service does not answer.');
    expect(toRefusal({ networkError, graphQLErrors: [] })).toEqual({
      code: 'NETWORK',
      message: 'The sign-in service does not answer.',
      field: null,
      isUnsure: false,
    });
  });

  test('by a socket closed for good tells the reason', () => {
    const networkError = Object.assign(new Error('closed'), { code: 4401, reason: 'Blocked' });
    expect(toRefusal({ networkError, graphQLErrors: [] })).toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'Blocked.',
    });
  });

  test('by a socket closed for now is one of the network', () => {
    const networkError = Object.assign(new Error('closed'), { code: 1006, reason: '' });
    expect(toRefusal({ networkError, graphQLErrors: [] }).code).toBe('NETWORK');
  });
});

describe('the confirmation of an action', () => {
  const kinds = ['cut-user', 'block', 'unblock'] as const;
  const actions: readonly UserAction[] = [
    { kind: 'cut-connection', connectionId: 'c', userId: 'ada' },
    ...kinds.map((kind) => ({ kind, userId: 'ada' })),
  ];

  test.each(actions)('of $kind names the user', (action) => {
    expect(toActionText(action).title).toContain('ada');
  });

  test.each(actions)('of $kind warns admins before they harm themselves', (action) => {
    expect(toSelfWarning(action) !== null).toBe(action.kind !== 'unblock');
  });
});

/** Every node asks every few seconds who was blocked lately. Frozen: a change is a new migration. */
export const blockedUsers = `
create index users_blocked on users (blocked_at) where blocked_at is not null;
`;

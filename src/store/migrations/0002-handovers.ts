/** Attempts that were given back unbroken, which do not count against the maximum. Frozen: a change is a new migration. */
export const handovers = `
alter table answers add column handovers integer not null default 0;
`;

import { createHash } from 'node:crypto';
import type { Role } from '../domain/entities.ts';
import { firstCharacters } from '../domain/text.ts';

/** Keeps an id under its bound, whatever the normal form of a name grows to. */
const maxSlugCharacters = 50;

const toSlug = (name: string): string => {
  const words = name
    .normalize('NFKC')
    .toLowerCase()
    .match(/[\p{L}\p{M}\p{N}]+/gu);
  if (words) return firstCharacters(words.join('-'), maxSlugCharacters);
  return `user-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`;
};

/**
 * The same name and role is the same user in every window: `ada`, `ada-admin`. A learner called "Ada Admin" gets
 * `ada-admin-learner`, otherwise she would read what the admin Ada writes.
 */
export const toDevelopmentUserId = (name: string, role: Role): string => {
  const slug = toSlug(name);
  if (role === 'ADMIN') return `${slug}-admin`;
  return /-(?:admin|learner)$/.test(slug) ? `${slug}-learner` : slug;
};

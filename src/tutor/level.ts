import type { Profile } from '../domain/entities.ts';

export type Level = 'beginner' | 'intermediate' | 'advanced';

/** Reads the free text of a profile's level; what says nothing is taken for the middle. */
export const toLevel = ({ level }: Profile): Level => {
  if (/\b(begin\w*|new|novice|basics?|element\w*|primary|starter|a1|a2)\b/i.test(level)) return 'beginner';
  if (/\b(advanced|expert|proficient|fluent|master\w*|c1|c2)\b/i.test(level)) return 'advanced';
  return 'intermediate';
};

import type { BroadcastInput } from '../generated/graphql.ts';

export type Expiry = 'default' | 'hour' | 'day' | 'week' | 'until';

/** The form, as typed and chosen. */
export interface BroadcastDraft {
  readonly text: string;
  readonly audience: 'all' | 'named';
  /** User ids, apart by spaces, commas or lines. */
  readonly named: string;
  readonly expiry: Expiry;
  /** Local time as `<input type="datetime-local">` gives it; only with `until`. */
  readonly until: string;
}

/** A broadcast but for its `clientBroadcastId`. */
export type BroadcastContent = Omit<BroadcastInput, 'clientBroadcastId'>;

/** What is wrong with a draft, by the field of the API that it is about. */
export type DraftProblems = Partial<Record<'text' | 'userIds' | 'expiresAt', string>>;

export const emptyDraft: BroadcastDraft = {
  text: '',
  audience: 'all',
  named: '',
  expiry: 'default',
  until: '',
};

export const maxTextLength = 2_000;
const maxUsers = 1_000;

const lifetimesMs = { hour: 3_600_000, day: 86_400_000, week: 7 * 86_400_000 } as const;

export const parseUserIds = (named: string): string[] => [
  ...new Set(named.split(/[\s,;]+/).filter((id) => id !== '')),
];

/** Null: the server's default. */
const toExpiresAt = ({ expiry, until }: BroadcastDraft, now: number): string | null => {
  switch (expiry) {
    case 'default':
      return null;
    case 'until':
      return Number.isNaN(Date.parse(until)) ? null : new Date(until).toISOString();
    case 'hour':
    case 'day':
    case 'week':
      return new Date(now + lifetimesMs[expiry]).toISOString();
  }
};

const textProblem = ({ text }: BroadcastDraft): string | null => {
  if (text.trim() === '') return 'Write what is to be announced.';
  if (text.length > maxTextLength) return `Too long: ${text.length} of ${maxTextLength} characters.`;
  return null;
};

const audienceProblem = ({ audience, named }: BroadcastDraft): string | null => {
  if (audience === 'all') return null;
  const { length } = parseUserIds(named);
  if (length === 0) return 'Name at least one user by id.';
  if (length > maxUsers) return `Too many: ${length} users, at most ${maxUsers}.`;
  return null;
};

const expiryProblem = (draft: BroadcastDraft, now: number): string | null => {
  if (draft.expiry !== 'until') return null;
  const expiresAt = toExpiresAt(draft, now);
  if (expiresAt === null) return 'Choose a day and a time.';
  return Date.parse(expiresAt) <= now ? 'Choose a time to come.' : null;
};

export const findProblems = (draft: BroadcastDraft, now: number): DraftProblems => {
  const text = textProblem(draft);
  const userIds = audienceProblem(draft);
  const expiresAt = expiryProblem(draft, now);
  return { ...(text && { text }), ...(userIds && { userIds }), ...(expiresAt && { expiresAt }) };
};

export const toContent = (draft: BroadcastDraft, now: number): BroadcastContent => ({
  text: draft.text,
  userIds: draft.audience === 'all' ? null : parseUserIds(draft.named),
  expiresAt: toExpiresAt(draft, now),
});

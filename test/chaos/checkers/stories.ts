import type { Fact, FactOf, History, Resumption } from '../history.ts';

/** All that happened to one subscription, in order: what it received, and what became of its client meanwhile. */
export interface Story {
  readonly subscription: string;
  readonly client: string;
  readonly userId: string;
  /** Null: viewer-wide. */
  readonly conversationId: string | null;
  readonly after: readonly string[];
  readonly resumption: Resumption;
  readonly facts: readonly StoryFact[];
}

export type StoryFact =
  | FactOf<'received'>
  | FactOf<'connecting'>
  | FactOf<'connected'>
  | FactOf<'closed'>
  | FactOf<'subscription-ended'>
  | FactOf<'client-retired'>
  | FactOf<'settled'>;

interface OpenStory extends Story {
  readonly facts: StoryFact[];
}

type ClientFact = FactOf<'connecting'> | FactOf<'connected'> | FactOf<'closed'> | FactOf<'client-retired'>;

const isOfClient = (fact: Fact): fact is ClientFact =>
  fact.kind === 'connecting' ||
  fact.kind === 'connected' ||
  fact.kind === 'closed' ||
  fact.kind === 'client-retired';

/** The users of the clients. */
export const usersOf = (history: History): Map<string, string> => {
  const users = new Map<string, string>();
  for (const fact of history.facts) if (fact.kind === 'client-made') users.set(fact.client, fact.userId);
  return users;
};

export const toStories = (history: History): Story[] => {
  const users = usersOf(history);
  const stories = new Map<string, OpenStory>();
  const byClient = new Map<string, OpenStory[]>();

  const begin = (fact: FactOf<'subscribed'>): void => {
    const { client, subscription, conversationId, after, resumption } = fact;
    const userId = users.get(client) ?? '';
    const story = { subscription, client, userId, conversationId, after, resumption, facts: [] };
    stories.set(subscription, story);
    byClient.set(client, [...(byClient.get(client) ?? []), story]);
  };

  for (const fact of history.facts) {
    if (fact.kind === 'subscribed') begin(fact);
    else if (fact.kind === 'received' || fact.kind === 'subscription-ended') {
      stories.get(fact.subscription)?.facts.push(fact);
    } else if (isOfClient(fact)) {
      for (const story of byClient.get(fact.client) ?? []) story.facts.push(fact);
    } else if (fact.kind === 'settled') {
      for (const story of stories.values()) story.facts.push(fact);
    }
  }
  return [...stories.values()];
};

/** Whether it was still to receive when the run had settled: neither ended nor retired, and its user may connect. */
export const isOpenAt = (story: Story, settled: FactOf<'settled'>): boolean => {
  for (const fact of story.facts) {
    if (fact === settled) return true;
    if (fact.kind === 'subscription-ended' || fact.kind === 'client-retired') return false;
  }
  return false;
};

/** Users that are blocked when the run ends. */
export const blockedAtEnd = (history: History): Set<string> => {
  const blocked = new Set<string>();
  for (const fact of history.facts) {
    if (fact.kind === 'block-acknowledged') blocked.add(fact.userId);
    if (fact.kind === 'unblock-called') blocked.delete(fact.userId);
  }
  return blocked;
};

export const settledOf = (history: History): FactOf<'settled'> | undefined =>
  history.facts.find((fact): fact is FactOf<'settled'> => fact.kind === 'settled');

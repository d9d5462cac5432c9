import type { TypingSignal } from '../domain/events.ts';
import type { PubSub, Typists } from './port.ts';
import { latestOfEach, typistKey } from './typing-signals.ts';

export interface MemoryTypistsOptions {
  readonly publish: PubSub['publish'];
  readonly now: () => number;
}

/** How often conversations where nobody types any more are forgotten. */
const sweepEveryMs = 60_000;

export const createMemoryTypists = ({ publish, now }: MemoryTypistsOptions): Typists => {
  const conversations = new Map<string, Map<string, TypingSignal>>();
  let sweepAt = now() + sweepEveryMs;

  const isPresent = (signal: TypingSignal) => Date.parse(signal.expiresAt) > now();

  const sweep = () => {
    if (now() < sweepAt) return;
    sweepAt = now() + sweepEveryMs;
    for (const [id, typists] of conversations) {
      if (![...typists.values()].some(isPresent)) conversations.delete(id);
    }
  };

  return {
    async put(signal) {
      sweep();
      const typists = conversations.get(signal.conversationId) ?? new Map<string, TypingSignal>();
      if (signal.isTyping) typists.set(typistKey(signal), signal);
      else typists.delete(typistKey(signal));
      if (typists.size > 0) conversations.set(signal.conversationId, typists);
      else conversations.delete(signal.conversationId);
      await publish(`typing:${signal.conversationId}`, signal);
    },
    async list(conversationId) {
      return latestOfEach([...(conversations.get(conversationId)?.values() ?? [])].filter(isPresent));
    },
  };
};

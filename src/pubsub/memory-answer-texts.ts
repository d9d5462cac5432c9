import type { AnswerDelta } from '../domain/events.ts';
import { conversationTopic } from '../domain/topics.ts';
import { createExpiringMap } from './expiring-map.ts';
import type { AnswerTexts, AppendResult, PubSub } from './port.ts';

export interface MemoryAnswerTextsOptions {
  readonly publish: PubSub['publish'];
  readonly now: () => number;
  readonly ttlMs: number;
}

type Stored = { readonly kind: 'closed' } | { readonly kind: 'open'; attempt: number; text: string };

export const createMemoryAnswerTexts = (options: MemoryAnswerTextsOptions): AnswerTexts => {
  const { publish, now, ttlMs } = options;
  const texts = createExpiringMap<Stored>({ now, ttlMs });

  /** The text of this attempt, begun anew when the attempt is higher than the known one; null when it is refused. */
  const open = ({ messageId, attempt }: AnswerDelta): Extract<Stored, { kind: 'open' }> | null => {
    const known = texts.get(messageId);
    if (known?.kind === 'closed' || (known && attempt < known.attempt)) return null;
    const stored = known?.attempt === attempt ? known : { kind: 'open' as const, attempt, text: '' };
    texts.set(messageId, stored);
    return stored;
  };

  const send = (delta: AnswerDelta) =>
    publish(conversationTopic(delta.conversationId), { kind: 'delta', delta });

  return {
    async append(delta): Promise<AppendResult> {
      const stored = open(delta);
      if (!stored) return { kind: 'refused' };
      const isNext = delta.offset === stored.text.length;
      if (isNext) stored.text += delta.text;
      // As of now: more may be appended while this is published.
      const { length } = stored.text;
      if (isNext) await send(delta);
      return { kind: 'appended', length };
    },
    async set(delta): Promise<AppendResult> {
      const stored = open(delta);
      if (!stored) return { kind: 'refused' };
      stored.text = delta.text;
      await send(delta);
      return { kind: 'appended', length: stored.text.length };
    },
    async read(messageId) {
      const stored = texts.get(messageId);
      if (stored?.kind !== 'open' || stored.text === '') return null;
      return { attempt: stored.attempt, text: stored.text };
    },
    async close(messageId) {
      texts.set(messageId, { kind: 'closed' });
    },
  };
};

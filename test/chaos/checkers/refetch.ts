import { type Position, parseCursor } from '../../../src/domain/cursor.ts';
import { conversationTopic } from '../../../src/domain/topics.ts';
import { type FactOf, factsOf, type History, pageLength } from '../history.ts';
import type { Judge } from './judge.ts';
import type { Placements } from './placements.ts';
import { type Step, stepsOf } from './positions.ts';
import { blockedAtEnd, isOpenAt, type Story, settledOf } from './stories.ts';

type PageRead = FactOf<'page-read'>;

const toPosition = ({ cursor }: PageRead): Position => parseCursor(cursor);

/** A page holds every message that was added up to its cursor, as far back as it goes (L12). */
const judgePage = (judge: Judge, placements: Placements, epoch: string, page: PageRead): void => {
  judge.count();
  const { client, conversationId, messages, atMs } = page;
  const position = toPosition(page);
  if (position.epoch !== epoch) return;
  const { topic, seq } = position;
  const ids = new Set(messages.map(({ id }) => id));
  const added = placements.delivered(topic, 0, seq + 1).flatMap(({ body }) => body.message?.id ?? []);
  const missing = added.slice(-pageLength).filter((id) => !ids.has(id));
  const [messageId] = missing;
  if (messageId === undefined) return;
  const what = `${client}: ${missing.length} messages are missing on the page of ${topic} at ${seq}`;
  judge.complain(what, { client, conversationId, topic, messageId, atMs });
};

/** From here on the app has to read again: it has no position in the conversation, or one that was not served. */
const tellsToRead = (step: Step, topic: string): step is Extract<Step, { kind: 'ready' | 'resync' }> =>
  step.kind === 'resync'
    ? step.at.topic === topic
    : step.kind === 'ready' && step.at.topic === topic && step.before === null;

/** What was told to be missing is on a page that was read since: at this place of the topic or later. */
const judgeReadAgain = (judge: Judge, story: Story, pages: readonly PageRead[]): void => {
  const { client, subscription, conversationId } = story;
  if (conversationId === null) return;
  const topic = conversationTopic(conversationId);
  for (const step of stepsOf(story)) {
    if (!tellsToRead(step, topic)) continue;
    judge.count();
    const { at, atMs } = step;
    const isRead = pages.some((page) => {
      const position = toPosition(page);
      const isOfConversation = page.client === client && page.conversationId === conversationId;
      return isOfConversation && page.atMs >= atMs && (position.epoch !== at.epoch || position.seq >= at.seq);
    });
    if (isRead) continue;
    const what = `${subscription}: ${topic} at ${at.seq} was to be read again, and no page came`;
    judge.complain(what, { client, subscription, conversationId, topic, atMs });
  }
};

export interface RefetchOptions {
  readonly history: History;
  readonly placements: Placements;
  readonly epoch: string;
  readonly stories: readonly Story[];
}

/** What a client was told that it missed, its app has from a page: nothing is lost that way either. */
export const checkRefetch = (judge: Judge, options: RefetchOptions): void => {
  const { history, placements, epoch, stories } = options;
  const pages = factsOf(history, 'page-read');
  for (const page of pages) judgePage(judge, placements, epoch, page);
  const settled = settledOf(history);
  const blocked = blockedAtEnd(history);
  for (const story of stories) {
    // Who left, or lost the right, reads no more.
    if (!settled || !isOpenAt(story, settled) || blocked.has(story.userId)) continue;
    judgeReadAgain(judge, story, pages);
  }
};

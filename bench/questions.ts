import { broadcast } from './broadcast.ts';
import { drops } from './drops.ts';
import { history } from './history.ts';
import { idleMemory } from './idle-memory.ts';
import type { Option, Question } from './lib/question.ts';
import { manyConversations } from './many-conversations.ts';
import { massReturn } from './mass-return.ts';
import { oneConversation } from './one-conversation.ts';
import { sendMessage } from './send-message.ts';
import { soak } from './soak.ts';
import { stalledReader } from './stalled-reader.ts';
import { tokenDelay } from './token-delay.ts';
import { twoNodes } from './two-nodes.ts';

/** A question with its own types put away, for those who treat all alike: what it measured is given to none but itself. */
export type AnyQuestion = Question<object, Readonly<Record<string, Option>>>;

const hideTypes = <M extends object, O extends Readonly<Record<string, Option>>>(question: Question<M, O>) =>
  question as unknown as AnyQuestion;

/** All that can be asked, in the order in which they are listed. */
export const questions: readonly AnyQuestion[] = [
  hideTypes(drops),
  hideTypes(stalledReader),
  hideTypes(soak),
  hideTypes(broadcast),
  hideTypes(oneConversation),
  hideTypes(manyConversations),
  hideTypes(idleMemory),
  hideTypes(sendMessage),
  hideTypes(tokenDelay),
  hideTypes(history),
  hideTypes(twoNodes),
  hideTypes(massReturn),
];

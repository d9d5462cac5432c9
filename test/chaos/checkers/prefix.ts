import type { FinalStore, Frame, StoredAnswer } from '../history.ts';
import { type Attempts, toAttempts } from './attempts.ts';
import { createChecker, type Judge } from './judge.ts';
import { type Story, toStories } from './stories.ts';

/** What one subscription shows of one answer. */
interface Shown {
  attempt: number;
  text: string;
  /** How far this connection told it; null: it told nothing yet. */
  told: { readonly attempt: number; readonly to: number } | null;
  end: string | null;
}

interface Scene {
  readonly judge: Judge;
  readonly attempts: Attempts;
  readonly answers: ReadonlyMap<string, StoredAnswer>;
  readonly story: Story;
}

type Complain = (what: string) => void;

const judgeDelta = (scene: Scene, shown: Shown, frame: Frame, complain: Complain): void => {
  const { messageId = '', attempt = 0, offset = 0, text = '' } = frame;
  if (scene.story.conversationId === null) complain('came to a viewer-wide subscription');
  else if (scene.story.conversationId !== frame.conversationId) complain('is of another conversation');
  if (shown.end) complain(`followed ${shown.end}`);
  if (text === '') complain('is empty');
  if (!text.isWellFormed()) complain('ends inside a surrogate pair');
  // A connection that begins may still tell of an older attempt, which the client drops; one that told of a newer may not.
  if (shown.told && attempt < shown.told.attempt) complain(`followed attempt ${shown.told.attempt}`);
  const toldTo = attempt === shown.told?.attempt ? shown.told.to : 0;
  if (offset !== 0 && offset !== toldTo) complain(`followed a text of ${toldTo} characters`);
  shown.told = { attempt, to: offset + text.length };
  if (!scene.attempts.saw(messageId, attempt, offset, text)) complain('is of no one call of the model');
  if (attempt < shown.attempt) return;
  const known = attempt > shown.attempt ? '' : shown.text;
  const grown = known.slice(0, offset) + text;
  if (!known.startsWith(grown) && !grown.startsWith(known)) complain('changes the text that was shown');
  shown.attempt = attempt;
  shown.text = grown.length > known.length ? grown : known;
};

/**
 * An end that nobody made any more has the text of a checkpoint: of the last attempt, and perhaps shorter than what was
 * shown (N13, N18). Whoever was told nothing of the last attempt still shows an older one.
 */
const judgeEnd = (scene: Scene, shown: Shown, frame: Frame, complain: Complain): void => {
  const { messageId = '', text = '' } = frame;
  const last = scene.answers.get(messageId)?.attempt ?? 0;
  if (shown.attempt > last) complain(`followed attempt ${shown.attempt} of ${last}`);
  if (text !== '' && !scene.attempts.saw(messageId, last, 0, text)) {
    complain('has a text of no one call of the model');
  } else if (frame.__typename === 'AnswerFinished') {
    const isWhole = scene.attempts.callsOf(messageId, last).some((call) => call.text === text);
    if (!isWhole) complain('has not all that the model said');
  }
  if (shown.attempt === last) {
    const isPart = frame.__typename !== 'AnswerFinished' && shown.text.startsWith(text);
    if (!text.startsWith(shown.text) && !isPart) complain('has not the text that was shown');
  }
  shown.end = frame.__typename;
};

const isEnd = (frame: Frame): boolean => /^Answer(Finished|Stopped|Failed)$/.test(frame.__typename);

const judgeStory = (scene: Scene): void => {
  const { judge, story } = scene;
  const answers = new Map<string, Shown>();
  for (const fact of story.facts) {
    // What a server tells a subscription begins anew with each connection, and after a Resync.
    const isResync = fact.kind === 'received' && fact.frame.__typename === 'Resync';
    if (fact.kind === 'connected' || isResync) for (const shown of answers.values()) shown.told = null;
    if (fact.kind === 'connected' && story.resumption === 'anew')
      for (const shown of answers.values()) shown.end = null;
    if (fact.kind !== 'received') continue;
    const { frame, atMs } = fact;
    const { messageId } = frame;
    if (messageId === undefined || (!isEnd(frame) && frame.__typename !== 'AnswerDelta')) continue;
    judge.count();
    const shown = answers.get(messageId) ?? { attempt: 0, text: '', told: null, end: null };
    answers.set(messageId, shown);
    const { client, subscription } = story;
    const name =
      frame.__typename === 'AnswerDelta'
        ? `delta of ${messageId}, attempt ${frame.attempt}, offset ${frame.offset}`
        : `${frame.__typename} of ${messageId}`;
    const complain = (what: string): void =>
      judge.complain(`${subscription}: ${name} ${what}`, { client, subscription, messageId, atMs });
    if (isEnd(frame)) judgeEnd(scene, shown, frame, complain);
    else judgeDelta(scene, shown, frame, complain);
  }
};

/** What a viewer shows is always a prefix of one attempt, and attempts never mix (N4 to N8): by the record of the model. */
export const checkPrefix = createChecker('prefix', (judge, history, store: FinalStore) => {
  const attempts = toAttempts(history, store);
  const answers = new Map(store.answers.map((answer) => [answer.messageId, answer]));
  for (const story of toStories(history)) judgeStory({ judge, attempts, answers, story });
});

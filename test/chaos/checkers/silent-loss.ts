import type { Position } from '../../../src/domain/cursor.ts';
import { createChecker, type Judge } from './judge.ts';
import { type Placements, toPlacements } from './placements.ts';
import { type Step, stepsOf } from './positions.ts';
import { checkRefetch } from './refetch.ts';
import { blockedAtEnd, type Story, toStories } from './stories.ts';

interface Scene {
  readonly judge: Judge;
  readonly placements: Placements;
  readonly epoch: string;
  readonly story: Story;
}

const complainOfLoss = (scene: Scene, before: Position, until: number, when: string, atMs: number): void => {
  const { judge, placements, epoch, story } = scene;
  const { client, subscription } = story;
  const { topic, seq } = before;
  judge.count();
  if (before.epoch !== epoch) return;
  const lost = placements.delivered(topic, seq, until);
  if (lost.length === 0) return;
  const names = lost.slice(0, 3).map((one) => `${one.body.type} ${one.seq}`);
  const rest = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
  const what = `${subscription}: ${topic} after ${seq}: ${names.join(', ')}${rest} did not come before ${when}`;
  judge.complain(what, { client, subscription, topic, atMs });
};

/** What `Ready` says has to be true: it is all that a client without a helper has to go by. */
const judgeReady = (scene: Scene, step: Extract<Step, { kind: 'ready' }>): void => {
  const { judge, story } = scene;
  const { at, before, frame, isCovered, isResynced, atMs } = step;
  const { client, subscription } = story;
  const about = { client, subscription, topic: at.topic, atMs };
  if (frame.resumed === false && isCovered && !isResynced) {
    judge.complain(`${subscription}: ${at.topic} is called not resumed and had its cursor`, about);
  }
  if (frame.resumed === true && !before) {
    judge.complain(`${subscription}: ${at.topic} is called resumed and had no cursor`, about);
  }
  if (!before) return;
  if (before.epoch !== at.epoch) {
    judge.complain(`${subscription}: ${at.topic} has another epoch and no Resync told of it`, about);
  } else if (at.seq < before.seq) {
    judge.complain(`${subscription}: Ready of ${at.topic} goes back from ${before.seq} to ${at.seq}`, about);
  } else complainOfLoss(scene, before, at.seq + 1, `Ready at ${at.seq}`, atMs);
};

/** Where the right of the viewer ends; what follows is not theirs, and checker `rights` sees to it. */
const endOfRight = ({ placements, story }: Scene, { topic, seq }: Position): number => {
  const end = placements
    .of(topic)
    .find(
      (one) =>
        one.seq > seq &&
        one.body.type === 'AccessEnded' &&
        (one.body.userId === null || one.body.userId === story.userId),
    );
  return end?.seq ?? Number.POSITIVE_INFINITY;
};

/**
 * A client that was not told otherwise (Resync, `resumed: false`) has every event between where it began and where it
 * stands (L4, L6, L14); and when all has settled, every one that there is. One that was told otherwise has a page with it.
 */
export const checkSilentLoss = createChecker('silent-loss', (judge, history, store) => {
  const placements = toPlacements(store);
  const blocked = blockedAtEnd(history);
  const stories = toStories(history);
  for (const story of stories) {
    const scene = { judge, placements, epoch: store.epoch, story };
    for (const step of stepsOf(story)) {
      if (step.kind === 'ready') judgeReady(scene, step);
      else if (step.kind === 'event' && step.before && step.before.epoch === step.at.epoch) {
        complainOfLoss(scene, step.before, step.at.seq, `${step.frame.__typename} ${step.at.seq}`, step.atMs);
      } else if (step.kind === 'settled' && !blocked.has(story.userId)) {
        complainOfLoss(scene, step.before, endOfRight(scene, step.before), 'the end', step.atMs);
      }
    }
  }
  checkRefetch(judge, { history, placements, epoch: store.epoch, stories });
});

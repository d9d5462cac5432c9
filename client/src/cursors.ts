/** What the server says about an event beside its data, in `extensions` of a `next`, whatever the document selects. */
interface EventExtensions {
  /** With every durable event. */
  readonly topic?: string;
  readonly cursor?: string;
  /** With Ready and Resync. */
  readonly cursors?: readonly { readonly topic: string; readonly cursor: string }[];
  readonly event?: string;
  /** With Ready. */
  readonly resumed?: boolean;
}

/**
 * - `resync`: the server could not serve these topics in full and said so.
 * - `not-resumed`: the subscription came back, but began anew.
 */
export type ResyncCause = 'resync' | 'not-resumed';

/** The app has to refetch. */
export interface Refetch {
  readonly cause: ResyncCause;
  readonly topics: readonly string[];
}

/**
 * The cursors of one subscription:
 *
 *     beginning ──first Ready──▶ following
 *
 * While beginning, the subscription stands on the cursors that the app gave, and its payload stays as it is: a cut in the
 * middle of the first replay begins that replay again, and what was delivered of it is dropped. (To resume after the
 * topics seen so far would lose the others: cursors are opaque, so those of the app cannot be matched to topics.) From
 * the first Ready on there is a cursor for every topic, and only those count. `take` alone changes the state.
 */
export interface Cursors {
  /** One cursor a topic; empty while beginning. */
  after(): string[];
  /**
   * Whether the result is to be delivered: false when it was before, and with what follows from it.
   *
   * @param run tells one subscribe from the next: a Ready that follows a Resync of the same one adds nothing.
   */
  take(extensions: unknown, run: number): boolean | Refetch;
}

/** How many durable events are remembered: a whole replay of two topics while beginning, then the last few. */
const rememberedWhileBeginning = 4_096;
const rememberedWhileFollowing = 256;

export const createCursors = (): Cursors => {
  const cursors = new Map<string, string>();
  const seen = new Set<string>();
  let following = false;
  let resyncedIn: number | undefined;

  const forgetOldest = () => {
    const limit = following ? rememberedWhileFollowing : rememberedWhileBeginning;
    for (const oldest of seen) {
      if (seen.size <= limit) return;
      seen.delete(oldest);
    }
  };

  /** False when this position was reached before: the cursor stays where it is, never back. */
  const reach = (topic: string, cursor: string): boolean => {
    const position = `${topic} ${cursor}`;
    if (seen.has(position)) return false;
    seen.add(position);
    forgetOldest();
    cursors.set(topic, cursor);
    return true;
  };

  return {
    after: () => (following ? [...cursors.values()] : []),
    take(extensions, run) {
      const { topic, cursor, cursors: reached = [], event, resumed } = (extensions ?? {}) as EventExtensions;
      if (topic && cursor) return reach(topic, cursor);
      for (const at of reached) reach(at.topic, at.cursor);
      const topics = reached.map((at) => at.topic);
      if (event === 'Resync') {
        resyncedIn = run;
        return { cause: 'resync', topics };
      }
      if (event !== 'Ready') return true;
      const first = !following;
      following = true;
      forgetOldest();
      return first || resumed !== false || resyncedIn === run ? true : { cause: 'not-resumed', topics };
    },
  };
};

import type { StoredEvent } from '../domain/events.ts';
import type { TopicFeed } from './topic-feed.ts';

export interface RightsOptions {
  readonly feeds: readonly TopicFeed[];
  readonly viewerId: string;
  /** Asks the store. Rejects to refuse. */
  readonly authorize: () => Promise<void>;
}

/** Whether this event takes the viewer's right to the topic it stands in. */
export const endsRights = (event: StoredEvent, viewerId: string): boolean =>
  event.type === 'AccessEnded' && (event.userId === null || event.userId === viewerId);

/**
 * Calls `begin` in the very turn in which the rights are confirmed up to the feeds' positions. What ends them may pass
 * a feed while the store's older answer is on its way: then the store is asked again.
 */
export const underRights = async <T>(options: RightsOptions, begin: () => T): Promise<T> => {
  const { feeds, viewerId, authorize } = options;
  let isInDoubt = true;
  const doubt = (): void => {
    isInDoubt = true;
  };
  const detach = feeds.map((feed) =>
    feed.attach({
      onEvent: ({ event }) => {
        if (endsRights(event, viewerId)) doubt();
      },
      onResync: doubt,
    }),
  );
  try {
    while (isInDoubt) {
      isInDoubt = false;
      await authorize();
    }
    return begin();
  } finally {
    for (const undo of detach) undo();
  }
};

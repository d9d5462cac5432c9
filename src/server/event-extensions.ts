import type { FeedItem } from '../feed/items.ts';

const isFeedItem = (value: unknown): value is FeedItem =>
  typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';

/** What a client helper needs of an event, whatever its document selects. */
export const extensionsOf = (item: unknown): Record<string, unknown> | null => {
  if (!isFeedItem(item)) return null;
  switch (item.kind) {
    case 'event':
      return { topic: item.topic, cursor: item.cursor };
    case 'ready':
      return { event: 'Ready', resumed: item.resumed, cursors: item.cursors };
    case 'resync':
      return { event: 'Resync', cause: item.cause, cursors: item.cursors };
    case 'delta':
      return null;
    default:
      return null;
  }
};

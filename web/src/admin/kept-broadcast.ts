import type { BroadcastInput } from '../generated/graphql.ts';
import type { BroadcastSenderOptions } from './broadcast-sender.ts';

const isNullOr = (isSo: (value: unknown) => boolean, value: unknown): boolean =>
  value === null || isSo(value);
const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const isInput = (value: unknown): value is BroadcastInput => {
  if (typeof value !== 'object' || value === null) return false;
  const { clientBroadcastId, text, userIds, expiresAt } = value as Partial<Record<string, unknown>>;
  return (
    isText(clientBroadcastId) && isText(text) && isNullOr(isTexts, userIds) && isNullOr(isText, expiresAt)
  );
};

const parse = (text: string | null): BroadcastInput | null => {
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isInput(value) ? value : null;
  } catch {
    return null;
  }
};

/** The part of `sessionStorage` that is used. */
interface TextStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** The broadcast on its way, for each admin: an id counts for its sender only. A storage that refuses costs only the reload. */
export const createKeptBroadcast = (
  storage: () => TextStorage,
  userId: string,
): BroadcastSenderOptions['kept'] => {
  const key = `edagent:broadcast:${userId}`;
  return {
    load() {
      try {
        return parse(storage().getItem(key));
      } catch {
        return null;
      }
    },
    save(input) {
      try {
        if (input) storage().setItem(key, JSON.stringify(input));
        else storage().removeItem(key);
      } catch {
        // Full, or switched off.
      }
    },
  };
};

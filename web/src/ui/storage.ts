/** The part of the browser's storage that is used; a browser may refuse it. */
export interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Keeps going without memory when the browser refuses storage or it is full. */
export const toSafeStorage = (open: () => KeyValueStorage): KeyValueStorage => {
  const attempt = <T>(action: (storage: KeyValueStorage) => T, otherwise: T): T => {
    try {
      return action(open());
    } catch {
      return otherwise;
    }
  };
  return {
    getItem: (key) => attempt((storage) => storage.getItem(key), null),
    setItem: (key, value) => attempt((storage) => storage.setItem(key, value), undefined),
    removeItem: (key) => attempt((storage) => storage.removeItem(key), undefined),
  };
};

export const readJson = (storage: KeyValueStorage, key: string): unknown => {
  const text = storage.getItem(key);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

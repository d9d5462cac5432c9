export interface ExpiringMap<Value> {
  get(key: string): Value | undefined;
  /** The entry lives for the map's time from now on. */
  set(key: string, value: Value): void;
  readonly size: number;
}

/** A map that forgets. It has no timer: what has expired goes at the next `set` after a whole lifetime. */
export const createExpiringMap = <Value>(options: {
  readonly now: () => number;
  readonly ttlMs: number;
}): ExpiringMap<Value> => {
  const { now, ttlMs } = options;
  const entries = new Map<string, { value: Value; expiresAt: number }>();
  let sweepAt = now() + ttlMs;

  const sweep = (at: number) => {
    if (at < sweepAt) return;
    sweepAt = at + ttlMs;
    for (const [key, { expiresAt }] of entries) if (expiresAt <= at) entries.delete(key);
  };

  return {
    get(key) {
      const entry = entries.get(key);
      return entry && entry.expiresAt > now() ? entry.value : undefined;
    },
    set(key, value) {
      const at = now();
      sweep(at);
      entries.set(key, { value, expiresAt: at + ttlMs });
    },
    get size() {
      return entries.size;
    },
  };
};

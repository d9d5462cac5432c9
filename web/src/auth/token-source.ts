/** Where tokens come from. One user for its whole life. */
export interface TokenSource {
  /**
   * A token for a request. `fresh`: asked for anew, for a new connection, a renewal, or when the last one was refused.
   * Rejects when none can be had now; a later call may succeed.
   */
  token(options?: { readonly fresh?: boolean }): Promise<string>;
  dispose(): void;
}

/** Keeps the last token, and lets those who ask at the same time share one request. */
export const createCachedTokens = (request: () => Promise<string>): TokenSource => {
  let last: string | undefined;
  let pending: Promise<string> | undefined;

  const renew = () => {
    pending ??= request()
      .then((token) => {
        last = token;
        return token;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };

  return {
    token: async ({ fresh = false } = {}) => (fresh ? renew() : (last ?? renew())),
    dispose() {
      last = undefined;
    },
  };
};

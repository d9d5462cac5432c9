import { createCachedTokens, type TokenSource } from './token-source.ts';

interface Answer {
  readonly origin: string;
  readonly source: unknown;
  readonly data: unknown;
}

export interface EmbeddedTokensOptions {
  readonly origins: readonly string[];
  /** The page around this one, for `postMessage`. */
  readonly parent: { postMessage(message: unknown, targetOrigin: string): void };
  readonly listen: (listener: (answer: Answer) => void) => () => void;
  readonly waitMs?: number;
}

const tokenOf = (data: unknown): string | undefined => {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, token } = data as { type?: unknown; token?: unknown };
  return type === 'edagent:token' && typeof token === 'string' ? token : undefined;
};

/** Tokens of the embedding page. Only the configured origins are asked, and only theirs is believed. */
export const createEmbeddedTokens = (options: EmbeddedTokensOptions): TokenSource => {
  const { origins, parent, listen, waitMs = 10_000 } = options;
  return createCachedTokens(
    () =>
      new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(timer);
          stop();
        };
        const stop = listen(({ origin, source, data }) => {
          const token = origins.includes(origin) && source === parent ? tokenOf(data) : undefined;
          if (token === undefined) return;
          end();
          resolve(token);
        });
        const timer = setTimeout(() => {
          end();
          reject(new Error('The embedding page gave no token.'));
        }, waitMs);
        for (const origin of origins) parent.postMessage({ type: 'edagent:token-wanted' }, origin);
      }),
  );
};

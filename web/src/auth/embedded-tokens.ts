import { TokenError } from './token-error.ts';
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
  /** False: there is no page around this one, and nobody to ask. */
  readonly isEmbedded: boolean;
  /** Where the browser tells it. To ask the other origins would be in vain, and the browser complains of it. */
  readonly parentOrigin: string | undefined;
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
  const { origins, parent, isEmbedded, parentOrigin, listen, waitMs = 10_000 } = options;
  const asked = origins.filter((origin) => parentOrigin === undefined || origin === parentOrigin);
  return createCachedTokens(
    () =>
      new Promise((resolve, reject) => {
        if (!isEmbedded) {
          reject(
            new TokenError(
              'This page signs nobody in by itself. Open it from the page that it is a part of.',
            ),
          );
          return;
        }
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
          reject(
            new TokenError(
              'The page around this one has not signed you in. Reload it, or sign in there again.',
            ),
          );
        }, waitMs);
        for (const origin of asked) parent.postMessage({ type: 'edagent:token-wanted' }, origin);
      }),
  );
};

import { parseConfig } from '../config.ts';
import { type Signer, signToken } from './access.ts';
import type { CommandContext } from './context.ts';

export interface TokenOptions extends Signer {
  /** In milliseconds. */
  readonly ttl: number;
}

/** Prints a token and nothing else. Needs no server, and does not disturb one that runs. */
export const token = async ({ env, print }: CommandContext, options: TokenOptions): Promise<void> => {
  const { ttl, ...signer } = options;
  print(await signToken(parseConfig(env), { ...signer, ttlMs: ttl }));
};

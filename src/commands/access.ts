import { existsSync } from 'node:fs';
import { decodeJwt } from 'jose';
import { type Config, parseConfig } from '../config.ts';
import { ConfigError } from '../domain/errors.ts';
import { signDevelopmentToken } from '../server/auth.ts';
import { loadDevelopmentSecret } from '../server/dev-secret.ts';
import type { CommandContext } from './context.ts';
import { CommandError } from './exit.ts';
import { apiPath } from './options.ts';

/** Options of every command that talks to a running server. */
export interface AccessOptions {
  readonly url?: URL;
  readonly token?: string;
}

export interface Signer {
  readonly user: string;
  readonly name?: string;
  readonly role: 'admin' | 'learner';
}

/** Where the server is, and who asks. */
export interface Access {
  readonly httpUrl: string;
  readonly wsUrl: string;
  /** A token for now: made anew each time, unless one was given. */
  token(): Promise<string>;
  /** The token that was given has ended: to come back is no use. */
  isOver(): boolean;
}

const ownTokenTtlMs = 3_600_000;

/**
 * Signs with the key of a server that is configured as this process is: EDAGENT_JWT_SECRET, or in development the secret
 * in the data folder, which is made when it is not there.
 */
export const signToken = async (
  { environment, auth, store }: Config,
  signer: Signer & { readonly ttlMs: number },
): Promise<string> => {
  if (auth.jwksUrl !== null) {
    throw new ConfigError(
      'config: EDAGENT_JWKS_URL is set: tokens come from the identity provider and cannot be made here',
    );
  }
  const secret = auth.jwtSecret ?? (await loadDevelopmentSecret({ environment, dataDir: store.dataDir }));
  return signDevelopmentToken({ secret, ...signer, issuer: auth.jwtIssuer, audience: auth.jwtAudience });
};

const ownUrl = ({ port }: Config['server']): URL => {
  if (port === 0)
    throw new CommandError('usage', 'PORT is 0, a free one each time: say with --url where the server is.');
  return new URL(`http://127.0.0.1:${port}${apiPath}`);
};

const signOwn = (config: Config, signer: Signer): Promise<string> => {
  if (config.environment === 'production') {
    throw new CommandError('usage', '--token is needed when NODE_ENV=production: "edagent token" makes one.');
  }
  const { dataDir } = config.store;
  // A secret made here would only lead to a refusal that explains nothing.
  if (config.auth.jwtSecret === null && !existsSync(dataDir)) {
    throw new ConfigError(
      `EDAGENT_DATA_DIR: there is no data folder ${dataDir}, so no token can be signed: name the folder of the server, or give --token`,
    );
  }
  return signToken(config, { ...signer, ttlMs: ownTokenTtlMs });
};

/** The configuration is read for what no option says, and only then: it may be that of another machine. */
export const openAccess = (
  { env }: CommandContext,
  { url, token }: AccessOptions,
  signer: Signer,
): Access => {
  let known: Config | undefined;
  const config = (): Config => {
    known ??= parseConfig(env);
    return known;
  };
  const httpUrl = (url ?? ownUrl(config().server)).href;
  return {
    httpUrl,
    wsUrl: httpUrl.replace(/^http/, 'ws'),
    token: async () => token ?? signOwn(config(), signer),
    isOver() {
      if (token === undefined) return false;
      try {
        const { exp } = decodeJwt(token);
        return exp !== undefined && exp * 1_000 <= Date.now();
      } catch {
        return true;
      }
    },
  };
};

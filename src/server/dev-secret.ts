import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../domain/errors.ts';

export interface DevelopmentSecretOptions {
  readonly dataDir: string;
  readonly environment: 'development' | 'production' | 'test';
}

const secretBytes = 32;
const secretForm = /^[\w-]{43}$/;

const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

const read = async (file: string): Promise<string | null> => {
  let secret: string;
  try {
    secret = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
  if (!secretForm.test(secret)) {
    throw new ConfigError(
      `config: ${file} does not hold the secret of development tokens: delete it, and a new one is made`,
    );
  }
  return secret;
};

/** The whole file appears under its name at once, and only if none is there: the first of two processes wins. */
const make = async (file: string): Promise<void> => {
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(secretBytes).toString('base64url')}\n`);
    await handle.sync();
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await handle.close();
    await rm(draft, { force: true });
  }
};

/**
 * The secret of development tokens, kept in the data folder, so that they stay valid over restarts; made on first use.
 *
 * @throws {ConfigError} in production, where whoever reads the data folder could sign in as anyone.
 */
export const loadDevelopmentSecret = async ({
  dataDir,
  environment,
}: DevelopmentSecretOptions): Promise<string> => {
  if (environment === 'production') {
    throw new ConfigError(
      'config: EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required when NODE_ENV=production',
    );
  }
  const file = join(dataDir, 'dev-secret');
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const known = await read(file);
    if (known !== null) return known;
    await make(file);
    const made = await read(file);
    if (made !== null) return made;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(
      `EDAGENT_DATA_DIR: ${file} cannot be read or made: check the path and its rights.`,
      { cause: error },
    );
  }
  throw new ConfigError(`EDAGENT_DATA_DIR: ${file} vanished while it was made.`);
};

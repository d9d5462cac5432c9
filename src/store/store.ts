import { ConfigError, EdAgentError } from '../domain/errors.ts';
import { type Log, silentLog } from '../util/log.ts';
import { createAnswerStore } from './answers.ts';
import { createBroadcastStore } from './broadcasts.ts';
import type { StoreContext } from './context.ts';
import { createConversationStore } from './conversations.ts';
import { checkIdentity } from './identity.ts';
import { createLogStore } from './log.ts';
import { createMessageStore } from './messages.ts';
import { migrate } from './migrate.ts';
import { createNodeStore } from './nodes.ts';
import { createPgliteSql, type PgliteOptions } from './pglite.ts';
import type { Store } from './port.ts';
import { createPostgresSql, type PostgresOptions } from './postgres.ts';
import { type Sql, sqlState } from './sql.ts';
import { createUserStore } from './users.ts';

export interface StoreOptions {
  /** Belongs to the store from now on, which disposes it. */
  readonly sql: Sql;
  /** The time that entities carry. @default the system's */
  readonly now?: () => Date;
  readonly log?: Log;
}

/** Migrates the database, finds out which history it holds, and gives the store on it. */
export const createStore = async ({
  sql,
  now = () => new Date(),
  log = silentLog,
}: StoreOptions): Promise<Store> => {
  const known = { epoch: '' };
  try {
    await migrate(sql, log);
    known.epoch = await checkIdentity(sql, log);
  } catch (error) {
    await sql.dispose();
    throw error;
  }
  // Behind the same address another database may answer by then: a replica that took over, a restored one.
  sql.onConnect(async (query) => {
    known.epoch = await checkIdentity(query, log);
  });
  const context: StoreContext = { sql, now, log, known };
  let disposing: Promise<void> | undefined;
  return {
    users: createUserStore(context),
    conversations: createConversationStore(context),
    messages: createMessageStore(context),
    answers: createAnswerStore(context),
    broadcasts: createBroadcastStore(context),
    log: createLogStore(context),
    nodes: createNodeStore(context),
    async ping() {
      await sql.query('select 1');
    },
    dispose() {
      disposing ??= sql.dispose();
      return disposing;
    },
  };
};

type Opening = Omit<StoreOptions, 'sql'>;

/** @throws {ConfigError} when the data folder is in use or cannot be opened. */
export const openPgliteStore = async (options: PgliteOptions & Opening): Promise<Store> =>
  createStore({ ...options, sql: await createPgliteSql(options) });

/** Host, port and database of the address, without its user and password. */
const describe = (url: string): string => {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
};

const parseUrl = (url: string): void => {
  if (URL.canParse(url) && /^postgres(?:ql)?:$/.test(new URL(url).protocol)) return;
  throw new ConfigError('DATABASE_URL: not an address like postgres://user:password@host:5432/database.');
};

/** @throws {ConfigError} that names DATABASE_URL, and never its password, when the database cannot be reached or used. */
export const openPostgresStore = async (options: PostgresOptions & Opening): Promise<Store> => {
  parseUrl(options.url);
  try {
    return await createStore({ ...options, sql: createPostgresSql(options) });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof EdAgentError ? error.cause : error;
    const state = sqlState(reason);
    throw new ConfigError(
      `DATABASE_URL: the database ${describe(options.url)} cannot be used${state ? ` (${state})` : ''}: check the address, that PostgreSQL runs there, and the rights of the user.`,
      { cause: error },
    );
  }
};

import type { Log } from '../util/log.ts';
import type { Sql } from './sql.ts';

/** What the parts of one store share. */
export interface StoreContext {
  readonly sql: Sql;
  /** The time that entities carry. Leases go by the database's clock instead. */
  readonly now: () => Date;
  readonly log: Log;
  /** The epoch last read from the database; every statement that reads it brings this up to date. */
  readonly known: { epoch: string };
}

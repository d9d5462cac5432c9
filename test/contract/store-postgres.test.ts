import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conversationTopic, userTopic } from '../../src/domain/topics.ts';
import { initial } from '../../src/store/migrations/0001-initial.ts';
import { createPostgresSql } from '../../src/store/postgres.ts';
import type { Sql } from '../../src/store/sql.ts';
import { createStore, openPostgresStore } from '../../src/store/store.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { testDatabaseUrl } from '../support/services.ts';
import { createEmptyPostgres, createPostgresDatabase, type TestDatabase } from '../support/stores.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import { addConversation, addUser, ask, claim, finish, readTopic, send } from './store/world.ts';
import { storeContract } from './store-contract.ts';

const url = testDatabaseUrl();
const maybeDescribe = url === null ? describe.skip : describe;

if (url !== null) storeContract('store on PostgreSQL', createPostgresDatabase);

const options = { log: silentLog };

maybeDescribe('PostgreSQL at start', () => {
  test('several nodes that start at once migrate it once', async () => {
    const database = await createEmptyPostgres();
    const url = database?.url ?? '';
    const stores = await Promise.all(Array.from({ length: 6 }, () => openPostgresStore({ ...options, url })));
    const epochs = await Promise.all(stores.map((store) => store.log.epoch()));
    expect(new Set(epochs).size).toBe(1);
    await Promise.all(stores.map((store) => store.dispose()));
    await database?.dispose();
  });

  test('a database of a newer version is refused', async () => {
    const database = await createPostgresDatabase();
    await (await database.openStore()).dispose();
    await database.sql.query('insert into schema_migrations (number) values (999)');
    await expect(database.openStore()).rejects.toMatchObject({
      name: 'ConfigError',
      message: expect.stringContaining('migration 999'),
    });
    await database.dispose();
  });

  test('a database of the first version keeps its answers, and none of them counts as handed over', async () => {
    const database = await createPostgresDatabase();
    const { sql } = database;
    await sql.transaction(async (tx) => {
      await tx.exec(initial);
      await tx.exec('create table schema_migrations (number integer primary key, applied_at timestamptz)');
      await tx.query('insert into schema_migrations (number) values (1)');
      await tx.query(
        `insert into answers (message_id, conversation_id, position, in_reply_to, asked_by, state, attempt, created_at)
         values ($1, $1, 1, $1, 'ada', 'GENERATING', 2, now())`,
        [newId()],
      );
    });
    await (await database.openStore()).dispose();
    expect(await sql.query('select state, attempt, handovers from answers')).toEqual([
      { state: 'GENERATING', attempt: 2, handovers: 0 },
    ]);
    await database.dispose();
  });

  const expectRefusal = async (url: string): Promise<void> => {
    const start = performance.now();
    const error: unknown = await openPostgresStore({ ...options, url }).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(performance.now() - start).toBeLessThan(5_500);
    expect(error).toMatchObject({ name: 'ConfigError', message: expect.stringMatching(/^DATABASE_URL: /) });
    expect(String(error)).not.toContain('s3cret');
  };

  test('an absent database is named by its variable, without the password', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    await expectRefusal(`postgres://ada:s3cret@127.0.0.1:${port}/edagent`);
    await expectRefusal('postgres://ada:s3cret@nowhere.invalid/edagent');
    await expectRefusal('mysql://ada:s3cret@127.0.0.1/edagent');
    await expectRefusal('ada:s3cret');
    await expectRefusal(`${url?.replace(/\/[^/]*$/, '')}/edagent_no_such_s3cre`);
  });

  test('one that accepts and never answers is refused within 5 seconds', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await expectRefusal(`postgres://ada:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/edagent`);
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  }, 10_000);
});

maybeDescribe('PostgreSQL while it is used', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPostgresDatabase();
  });

  afterAll(() => database.dispose());

  /** A store whose link to the database can be cut. */
  const openBehindProxy = async () => {
    const [row] = await database.sql.query<{ name: string }>('select current_database() as name');
    const direct = new URL(url ?? '');
    const proxy = await createTcpProxy({ host: direct.hostname, port: Number(direct.port || 5_432) });
    direct.hostname = '127.0.0.1';
    direct.port = `${proxy.port}`;
    direct.pathname = `/${row?.name}`;
    const store = await openPostgresStore({ ...options, url: direct.href });
    return { proxy, store };
  };

  test('methods say UNAVAILABLE and nothing else while the link is cut, and work again after', async () => {
    const { proxy, store } = await openBehindProxy();
    const ada = await addUser(store);
    proxy.cut();
    for (const attempt of [
      store.ping(),
      send(store, ada, null),
      store.users.find(ada.id),
      store.log.changedSince(''),
    ]) {
      const error: unknown = await attempt.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({
        code: 'UNAVAILABLE',
        message: 'The database cannot be reached right now: try again in a moment.',
      });
    }
    proxy.mend();
    await send(store, ada, null);
    await store.dispose();
    await proxy.dispose();
  });

  test('a connection lost in the middle of a transaction leaves nothing of it', async () => {
    const { proxy, store } = await openBehindProxy();
    const ada = await addUser(store);
    const { conversation } = await send(store, ada, null);
    let begun: () => void = () => {};
    const isBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    let goOn: () => void = () => {};
    const blocked = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const blocker = database.sql.transaction(async (tx) => {
      await tx.query('select from topics where name = $1 for update', [userTopic(ada.id)]);
      begun();
      await blocked;
    });
    await isBegun;
    const lost = send(store, ada, conversation.id);
    const outcome = expect(lost).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await eventuallyWaiting(1);
    proxy.cut();
    await outcome;
    goOn();
    await blocker;
    proxy.mend();
    const topic = conversationTopic(conversation.id);
    expect(await readTopic(store, topic)).toHaveLength(3);
    await send(store, ada, conversation.id);
    expect(await readTopic(store, topic)).toHaveLength(5);
    await store.dispose();
    await proxy.dispose();
  });

  /** Until this many backends wait for a lock in this database. */
  const eventuallyWaiting = async (count: number): Promise<void> => {
    await eventually(async () => {
      const rows = await database.sql.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows.length >= count;
    });
  };

  test('another history behind the same address is noticed at reconnect, before anything is written', async () => {
    const { proxy, store } = await openBehindProxy();
    const ada = await addUser(store);
    const before = (await send(store, ada, null)).epoch;
    proxy.cut();
    await database.sql.query(`update log_identity set timeline = '000000FE'`);
    proxy.mend();
    // The pool may not have heard yet that its connection is gone: that is UNAVAILABLE, and writes nothing.
    const after = (await eventually(() => send(store, ada, null))).epoch;
    expect(after).not.toBe(before);
    expect(await store.log.epoch()).toBe(after);
    await store.dispose();
    await proxy.dispose();
  });

  test('a topic whose transaction was open is named by a later check', async () => {
    const store = await database.openStore();
    const [ada, bob] = [await addUser(store), await addUser(store, 'Bob')];
    const first = await store.log.changedSince('');
    let second = first;
    await database.sql.transaction(async (tx) => {
      await tx.query(`update topics set seq = 7, changed_xid = pg_current_xact_id() where name = $1`, [
        userTopic(ada.id),
      ]);
      await send(store, bob, null);
      second = await store.log.changedSince(first.watermark);
    });
    const seqOf = ({ states }: typeof first, id: string) =>
      states.find(({ topic }) => topic === userTopic(id))?.seq;
    expect(seqOf(second, bob.id)).toBe(3);
    // It may be named already, since transactions of other databases count too, but not as it is about to be.
    expect(seqOf(second, ada.id) ?? 0).toBe(0);
    const third = await store.log.changedSince(second.watermark);
    expect(seqOf(third, ada.id)).toBe(7);
    await store.dispose();
  });

  test('a deadlock is retried and surfaces nowhere', async () => {
    const ids = ['deadlock-1', 'deadlock-2'];
    for (const id of ids) await database.sql.query('insert into nodes values ($1, now())', [id]);
    let inside = 0;
    let attempts = 0;
    let release: () => void = () => {};
    const bothInside = new Promise<void>((resolve) => {
      release = resolve;
    });
    const lockInOrder = (order: readonly string[]) =>
      database.sql.transaction(async (tx) => {
        attempts += 1;
        await tx.query('select from nodes where id = $1 for update', [order[0]]);
        inside += 1;
        if (inside === 2) release();
        await bothInside;
        await tx.query('select from nodes where id = $1 for update', [order[1]]);
      });
    await Promise.all([lockInOrder(ids), lockInOrder([...ids].reverse())]);
    // One of the two at least; those who met once may meet again.
    expect(attempts).toBeGreaterThanOrEqual(3);
  });

  test('a message costs 5 statements with begin and commit, and so do the begin and the end of an answer', async () => {
    const [row] = await database.sql.query<{ name: string }>('select current_database() as name');
    const direct = new URL(url ?? '');
    direct.pathname = `/${row?.name}`;
    const counted = createCountingSql(createPostgresSql({ ...options, url: direct.href }));
    const store = await createStore({ sql: counted.sql });
    const ada = await addUser(store);
    const { id } = await addConversation(store, ada);
    const costOf = async <T>(work: () => Promise<T>): Promise<[T, number]> => {
      const before = counted.count();
      const result = await work();
      return [result, counted.count() - before];
    };
    const [sent, cost] = await costOf(() => ask(store, ada, id));
    expect(cost).toBe(5);
    expect((await costOf(() => ask(store, ada, null)))[1]).toBe(5);
    await store.nodes.renew('counted', 600_000);
    const [lease, claimCost] = await costOf(() => claim(store, sent.answer.id, 'counted'));
    expect(claimCost).toBe(5);
    expect((await costOf(() => finish(store, lease, 'So.')))[1]).toBe(5);
    await store.dispose();
  });
});

/** Counts statements, with two for the begin and the commit of each transaction. */
const createCountingSql = (sql: Sql) => {
  let count = 0;
  const counting: Sql = {
    ...sql,
    query(text, values) {
      count += 1;
      return sql.query(text, values);
    },
    transaction(work, transactionOptions) {
      count += 2;
      return sql.transaction(
        (tx) =>
          work({
            ...tx,
            query(text, values) {
              count += 1;
              return tx.query(text, values);
            },
          }),
        transactionOptions,
      );
    },
  };
  return { sql: counting, count: () => count };
};

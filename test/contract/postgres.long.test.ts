import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { conversationTopic, userTopic } from '../../src/domain/topics.ts';
import { initial } from '../../src/store/migrations/0001-initial.ts';
import type { SendInput } from '../../src/store/port.ts';
import { createPostgresSql } from '../../src/store/postgres.ts';
import type { Sql } from '../../src/store/sql.ts';
import { createStore, openPostgresStore } from '../../src/store/store.ts';
import { newId } from '../../src/util/id.ts';
import { silentLog } from '../../src/util/log.ts';
import { eventually } from '../support/eventually.ts';
import { testDatabaseUrl } from '../support/services.ts';
import { createEmptyPostgres, createPostgresDatabase, type TestDatabase } from '../support/stores.ts';
import { createTcpProxy } from '../support/tcp-proxy.ts';
import {
  addConversation,
  addNode,
  addUser,
  ask,
  beat,
  claim,
  finish,
  readTopic,
  send,
  toSend,
} from './store/world.ts';

const url = testDatabaseUrl();
const maybeDescribe = url === null ? describe.skip : describe;

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

  /** Holds a row that others then wait for, until it is let go. */
  const holdRow = async (statement: string, values: readonly unknown[]) => {
    let held: () => void = () => {};
    const isHeld = new Promise<void>((resolve) => {
      held = resolve;
    });
    let letGo: () => void = () => {};
    const isOver = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const holding = database.sql.transaction(async (tx) => {
      await tx.query(statement, values);
      held();
      await isOver;
    });
    await isHeld;
    return {
      async letGo() {
        letGo();
        await holding;
      },
    };
  };

  /** Cuts the link of a sender who waits for a row, and then lets the row go. */
  const loseWhileWaiting = async (
    { proxy, store }: Awaited<ReturnType<typeof openBehindProxy>>,
    input: SendInput,
    [statement, values]: Parameters<typeof holdRow>,
  ): Promise<void> => {
    const row = await holdRow(statement, values);
    const outcome = expect(store.messages.send(input)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await eventuallyWaiting(1);
    proxy.cut();
    await outcome;
    await row.letGo();
    proxy.mend();
  };

  test('a connection lost in the middle of a transaction leaves nothing of it', async () => {
    const link = await openBehindProxy();
    const { proxy, store } = link;
    const ada = await addUser(store);
    const { conversation } = await send(store, ada, null);
    await loseWhileWaiting(link, toSend(ada, conversation.id), [
      'select from conversations where id = $1 for update',
      [conversation.id],
    ]);
    const topic = conversationTopic(conversation.id);
    expect(await readTopic(store, topic)).toHaveLength(3);
    await send(store, ada, conversation.id);
    expect(await readTopic(store, topic)).toHaveLength(5);
    await store.dispose();
    await proxy.dispose();
  });

  test('a message whose connection is lost behind its last statement is there once after it is sent again', async () => {
    const link = await openBehindProxy();
    const { proxy, store } = link;
    const ada = await addUser(store);
    const { conversation } = await send(store, ada, null);
    const input = toSend(ada, conversation.id);
    await loseWhileWaiting(link, input, [
      'select from topics where name = $1 for update',
      [userTopic(ada.id)],
    ]);
    const again = await send(store, ada, conversation.id, input);
    const events = await readTopic(store, conversationTopic(conversation.id));
    expect(events).toHaveLength(5);
    const messageIds = events.flatMap((event) =>
      event.type === 'MessageAdded' && event.message.author.kind === 'LEARNER' ? [event.message.id] : [],
    );
    expect(messageIds.at(-1)).toBe(again.message.id);
    await store.dispose();
    await proxy.dispose();
  });

  test('a message whose connection is lost in its only statement is there once after it is sent again', async () => {
    const link = await openBehindProxy();
    const { proxy, store } = link;
    const ada = await addUser(store);
    const { conversation } = await send(store, ada, null, { answer: false });
    const input = toSend(ada, conversation.id, { answer: false });
    for (const [statement, value] of [
      ['select from conversations where id = $1 for update', conversation.id],
      ['select from topics where name = $1 for update', userTopic(ada.id)],
    ] as const) {
      await loseWhileWaiting(link, input, [statement, [value]]);
      await send(store, ada, conversation.id, input);
      expect(await readTopic(store, conversationTopic(conversation.id))).toHaveLength(3);
    }
    await store.dispose();
    await proxy.dispose();
  });

  test('a message whose conversation is held up keeps no other of its moment waiting', async () => {
    const store = await database.openStore();
    const ada = await addUser(store);
    const [held, free] = [await addConversation(store, ada), await addConversation(store, ada)];
    const row = await holdRow('select from conversations where id = $1 for update', [held.id]);
    let isSent = false;
    const waiting = send(store, ada, held.id).finally(() => {
      isSent = true;
    });
    await send(store, ada, free.id);
    expect(isSent).toBe(false);
    await row.letGo();
    expect((await waiting).message.position).toBe(1);
    await store.dispose();
  });

  test('a checkpoint that the end of its answer waits for leaves nothing behind the next trimming', async () => {
    const store = await database.openStore();
    const ada = await addUser(store);
    const { answer } = await ask(store, ada, null);
    const lease = await claim(store, answer.id, await addNode(store));
    const row = await holdRow(
      `insert into answer_chunks select message_id, attempt, 0, 'A gr' from answers where message_id = $1 for share`,
      [answer.id],
    );
    const ending = finish(store, lease, 'A group');
    await eventuallyWaiting(1);
    await row.letGo();
    expect((await ending).result).toEqual({ closed: true });
    await store.log.trim({ maxAgeMs: 600_000, maxPerTopic: 10_000 });
    expect(await database.sql.query('select from answer_chunks where message_id = $1', [answer.id])).toEqual(
      [],
    );
    await store.dispose();
  });

  test('who takes over an answer that is given back meanwhile holds it', async () => {
    const store = await database.openStore();
    const ada = await addUser(store);
    const { answer } = await ask(store, ada, null);
    const [giver, taker] = [await addNode(store), await addNode(store)];
    const given = await claim(store, answer.id, giver);
    await store.nodes.end(giver);
    const [row] = await database.sql.query<{ name: string }>('select current_database() as name');
    const direct = new URL(url ?? '');
    direct.pathname = `/${row?.name}`;
    let giveBack = async (): Promise<void> => {};
    const sql = createPostgresSql({ ...options, url: direct.href });
    const other = await createStore({ sql: betweenStatements(sql, () => giveBack()) });
    giveBack = () => store.answers.release([given], { handedOver: true });
    const taken = await claim(other, answer.id, taker);
    expect((await beat(store, taker)).held).toMatchObject([
      { messageId: answer.id, generation: taken.generation },
    ]);
    expect((await finish(store, taken, 'So.')).result).toEqual({ closed: true });
    await Promise.all([store.dispose(), other.dispose()]);
  });

  test('a node that renews its lease while a claim waits for the conversation keeps its answer', async () => {
    const store = await database.openStore();
    const ada = await addUser(store);
    const { answer, conversation } = await ask(store, ada, null);
    const [holder, taker] = [newId(), await addNode(store)];
    await store.nodes.renew(holder, 600_000);
    await claim(store, answer.id, holder);
    const row = await holdRow('select from conversations where id = $1 for update', [conversation.id]);
    await store.nodes.renew(holder, 1_000);
    const claiming = store.answers.claim(answer.id, taker, 3);
    await eventuallyWaiting(1);
    const ended = 'select from nodes where id = $1 and lease_until < clock_timestamp()';
    await eventually(async () => (await database.sql.query(ended, [holder])).length > 0);
    await store.nodes.renew(holder, 600_000);
    await row.letGo();
    expect((await claiming).result).toBeNull();
    await store.dispose();
  });

  /** A store whose statements wait, behind their snapshot, wherever they compare ids, while the advisory lock 7 is held. */
  const openWaiting = async () => {
    const [row] = await database.sql.query<{ name: string }>('select current_database() as name');
    for (const statement of [
      'create schema waiting',
      `create function waiting.equal(a uuid, b uuid) returns boolean language plpgsql as $$ begin
         perform pg_advisory_lock_shared(7);
         perform pg_advisory_unlock_shared(7);
         return a operator(pg_catalog.=) b;
       end $$`,
      'create operator waiting.= (leftarg = uuid, rightarg = uuid, function = waiting.equal)',
    ]) {
      await database.sql.query(statement);
    }
    const direct = new URL(url ?? '');
    direct.pathname = `/${row?.name}`;
    direct.searchParams.set('options', '-c jit=off -c search_path=public,waiting,pg_catalog');
    return openPostgresStore({ ...options, url: direct.href });
  };

  test('[A3] who lost the right to a conversation between the snapshot of a message and its lock sends nothing', async () => {
    const [store, waiting] = [await database.openStore(), await openWaiting()];
    const [ada, bob] = [await addUser(store), await addUser(store, 'Bob')];
    const { id } = await addConversation(store, ada, [bob]);
    const lock = await holdRow('select pg_advisory_xact_lock(7)', []);
    const sending = waiting.messages.send(toSend(bob, id, { answer: false }));
    await eventuallyWaiting(1);
    await store.conversations.removeParticipant(id, ada.id, bob.id);
    await lock.letGo();
    expect(await sending).toEqual({ kind: 'not-found' });
    await Promise.all([store.dispose(), waiting.dispose()]);
  });

  test('nothing is asked in a transaction behind its last statement', async () => {
    const asking = database.sql.transaction(async (tx) => {
      await tx.query('select 1');
      await tx.last.query('select 2');
      await tx.query('select 3');
    });
    await expect(asking).rejects.toThrow('has had its last statement');
  });

  test('a last statement that fails undoes the transaction, whose connection goes on', async () => {
    const id = newId();
    const writing = database.sql.transaction(async (tx) => {
      await tx.query('select 1');
      await tx.query('insert into nodes values ($1, now())', [id]);
      await tx.last.query('insert into nodes values ($1, now())', [id]);
    });
    await expect(writing).rejects.toMatchObject({ code: '23505' });
    expect(await database.sql.query('select from nodes where id = $1', [id])).toEqual([]);
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
    const seqOf = ({ changed }: typeof first, id: string) =>
      changed.find(({ topic }) => topic === userTopic(id))?.seq;
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

  test('messages of one moment cost 1 statement; the first of a conversation, the begin and the end of an answer 4, with begin and commit', async () => {
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
    expect(cost).toBe(1);
    expect((await costOf(() => send(store, ada, id, { answer: false })))[1]).toBe(1);
    expect((await costOf(() => ask(store, ada, null)))[1]).toBe(4);
    const others = [await addConversation(store, ada), await addConversation(store, ada)];
    const plain = { answer: false };
    const sendAll = () =>
      Promise.all([id, ...others.map((one) => one.id)].map((to) => send(store, ada, to, plain)));
    expect((await costOf(sendAll))[1]).toBe(1);
    await store.nodes.renew('counted', 600_000);
    const [lease, claimCost] = await costOf(() => claim(store, sent.answer.id, 'counted'));
    expect(claimCost).toBe(4);
    expect((await costOf(() => beat(store, 'counted')))[1]).toBe(1);
    expect((await costOf(() => store.nodes.recentCuts(60_000)))[1]).toBe(1);
    expect((await costOf(() => finish(store, lease, 'So.')))[1]).toBe(4);
    await store.dispose();
  });
});

/** Does something behind the first statement of each transaction. */
const betweenStatements = (sql: Sql, work: () => Promise<void>): Sql => ({
  ...sql,
  transaction: (inside, transactionOptions) =>
    sql.transaction((tx) => {
      let isFirst = true;
      return inside({
        ...tx,
        async query(text, values) {
          if (!isFirst) await work();
          isFirst = false;
          return tx.query(text, values);
        },
      });
    }, transactionOptions),
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
            last: {
              query(text, values) {
                count += 1;
                return tx.last.query(text, values);
              },
            },
          }),
        transactionOptions,
      );
    },
  };
  return { sql: counting, count: () => count };
};

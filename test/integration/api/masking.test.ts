import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { extendSchema, type GraphQLObjectType, type GraphQLSchema, parse } from 'graphql';
import pg from 'pg';
import { createSchema } from '../../../src/schema/index.ts';
import type { Log } from '../../../src/util/log.ts';
import { eventually } from '../../support/eventually.ts';
import { testRedisUrl } from '../../support/services.ts';
import { createEmptyPostgres } from '../../support/stores.ts';
import { newUserId } from '../../support/test-app.ts';
import { type Api, codeOf, startApi, transports } from './harness.ts';

/** What must never reach a client: a message, the address in it, and the place in our files. */
const secret = 'secret postgres://root:hunter2@10.1.2.3:5432/edagent';
const leaks = /secret|hunter2|10\.1\.2\.3|postgres|node_modules|\.ts:|\.js:|\bat .*\(/;

const fail = (): never => {
  throw new Error(secret);
};

const idle = () => new Promise<never>(() => {});

const additions = parse(/* GraphQL */ `
  extend type Query {
    throwing: String
    rejecting: String!
    aggregate: String
    wrongInt: Int
    wrongEnum: Role
    nothing: String!
  }
  extend type Mutation {
    throwingMutation: String
  }
  extend type Subscription {
    throwingSource: String
    noSource: String
    throwingEvent: String
    throwingLater: String
    throwingReturn: String
  }
`);

const once = (value: unknown, then: () => Promise<never>, onReturn = async () => {}) => {
  const values = [value];
  const iterator = {
    async next() {
      if (values.length > 0) return { value: values.shift(), done: false };
      return then();
    },
    async return() {
      await onReturn();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
};

/** The API's own schema, with fields that break in every way a field can. */
const createBrokenSchema = (): GraphQLSchema => {
  const schema = extendSchema(createSchema(), additions);
  const fieldOf = (type: string, name: string) => {
    const field = (schema.getType(type) as GraphQLObjectType).getFields()[name];
    if (!field) throw new Error(`no field ${type}.${name}`);
    return field;
  };
  fieldOf('Query', 'throwing').resolve = fail;
  fieldOf('Query', 'rejecting').resolve = async () => fail();
  fieldOf('Query', 'aggregate').resolve = () => {
    throw new AggregateError([new Error(secret)], secret);
  };
  fieldOf('Query', 'wrongInt').resolve = () => secret;
  fieldOf('Query', 'wrongEnum').resolve = () => secret;
  fieldOf('Query', 'nothing').resolve = () => null;
  fieldOf('Mutation', 'throwingMutation').resolve = fail;
  fieldOf('Subscription', 'throwingSource').subscribe = async () => fail();
  fieldOf('Subscription', 'noSource').subscribe = () => secret;
  fieldOf('Subscription', 'throwingEvent').subscribe = () => once({}, idle);
  fieldOf('Subscription', 'throwingEvent').resolve = fail;
  fieldOf('Subscription', 'throwingLater').subscribe = () => once({}, async () => fail());
  fieldOf('Subscription', 'throwingLater').resolve = () => 'first';
  fieldOf('Subscription', 'throwingReturn').subscribe = () => once({}, idle, async () => fail());
  fieldOf('Subscription', 'throwingReturn').resolve = () => 'first';
  return schema;
};

describe('what goes wrong inside', () => {
  let api: Api;
  let token: string;
  const logged: Record<string, unknown>[] = [];
  const log: Log = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (fields) => logged.push(fields as Record<string, unknown>),
  };

  beforeAll(async () => {
    api = await startApi({ schema: createBrokenSchema(), log });
    token = await api.token(newUserId());
  });
  beforeEach(() => {
    logged.length = 0;
  });
  afterAll(() => api.dispose());

  const expectMasked = (result: Awaited<ReturnType<Api['run']>>): void => {
    expect(result.errors).toEqual([
      expect.objectContaining({
        message: 'Unexpected error.',
        extensions: { code: 'INTERNAL', temporary: false, errorId: expect.any(String) },
      }),
    ]);
    expect(JSON.stringify(result)).not.toMatch(leaks);
    const errorId = result.errors?.[0]?.extensions?.errorId;
    expect(logged).toEqual([expect.objectContaining({ errorId, err: expect.any(Error) })]);
  };

  describe.each(transports)('over %s', (transport) => {
    test.each(['throwing', 'rejecting', 'aggregate', 'wrongInt', 'wrongEnum', 'nothing'])(
      '[E3] %s is masked, with an id that the log has',
      async (field) => {
        expectMasked(await api.run(transport, token, `{ ${field} }`));
      },
    );

    test('[E3] a mutation that throws is masked', async () => {
      expectMasked(await api.run(transport, token, 'mutation { throwingMutation }'));
    });

    test('[E3] the fields beside it keep their results', async () => {
      const result = await api.run(transport, token, '{ throwing viewer { role } }');
      expect(result.data).toEqual({ throwing: null, viewer: { role: 'LEARNER' } });
      expectMasked(result);
    });

    test('[E2] arguments that are wrong only when executed are the request’s fault', async () => {
      const query = 'query ($id: ID = "x") { conversation(id: $id) { id } }';
      const result = await api.run(transport, token, query, { id: null });
      expect(codeOf(result)).toBe('BAD_INPUT');
      expect(logged).toEqual([]);
    });
  });

  describe.each(['WebSocket', 'SSE'] as const)('a subscription over %s', (transport) => {
    const subscribe = async (field: string) => {
      const query = `subscription { ${field} }`;
      if (transport === 'SSE') {
        const stream = await api.stream(token, { query });
        return {
          results: () => stream.results,
          complete: async () => expect(await stream.ended).toBe('complete'),
          raw: () => stream.raw,
        };
      }
      const socket = await api.connect(token);
      socket.subscribe('s', query);
      return {
        results: () => socket.of('s').flatMap(({ type, payload }) => (type === 'next' ? [payload] : [])),
        complete: async () => {
          await socket.wait('complete', 's');
          expect((await socket.run('{ viewer { role } }')).data).toEqual({ viewer: { role: 'LEARNER' } });
        },
        raw: () => socket.raw,
      };
    };

    test.each(['throwingSource', 'noSource'])('[E3] %s is masked and ends alone', async (field) => {
      const subscription = await subscribe(field);
      await subscription.complete();
      expectMasked(subscription.results()[0] ?? {});
      expect(subscription.raw()).not.toMatch(leaks);
    });

    test('[E3] an event that cannot be resolved is masked and the subscription goes on', async () => {
      const subscription = await subscribe('throwingEvent');
      expectMasked(await eventually(() => subscription.results()[0]));
      expect(subscription.raw()).not.toMatch(leaks);
      expect(subscription.raw()).not.toContain('complete');
    });

    test('[E3] a source that breaks later gives a last, masked result', async () => {
      const subscription = await subscribe('throwingLater');
      await subscription.complete();
      const [first, last, ...rest] = subscription.results();
      expect(first).toEqual({ data: { throwingLater: 'first' } });
      expectMasked(last ?? {});
      expect(rest).toEqual([]);
      expect(subscription.raw()).not.toMatch(leaks);
    });
  });

  test('[C4] a source that breaks when it is left leaves the socket alone', async () => {
    const socket = await api.connect(token);
    socket.subscribe('s', 'subscription { throwingReturn }');
    await socket.wait('next', 's');
    socket.send({ type: 'complete', id: 's' });
    expect((await socket.run('{ viewer { role } }')).data).toEqual({ viewer: { role: 'LEARNER' } });
    expect(socket.raw).not.toMatch(leaks);
  });

  test('[E3] HTTP answers 200 for a field that failed and leaks nothing in its headers', async () => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ throwing }' }),
    });
    expect(response.status).toBe(200);
    expect(JSON.stringify([...response.headers])).not.toMatch(leaks);
  });
});

describe('a database that refuses', () => {
  test('[E3] shows neither its message nor its tables, on HTTP, SSE or at the handshake', async () => {
    const database = await createEmptyPostgres();
    const redisUrl = testRedisUrl();
    if (!database || redisUrl === null) return;
    const prefix = `test-${newUserId()}:`;
    const api = await startApi({ cluster: { databaseUrl: database.url, redisUrl, prefix } });
    try {
      const admin = new pg.Client({ connectionString: database.url });
      await admin.connect();
      await admin.query('alter table users rename to hidden_users');
      await admin.end();
      const token = await api.token(newUserId());
      const tables = /users|relation|hidden|5432/;

      const response = await api.query(token, '{ viewer { role } }');
      expect(codeOf(response)).toBe('INTERNAL');
      expect(response.text).not.toMatch(tables);

      const stream = await api.stream(token, { query: 'subscription { messageReceived { __typename } }' });
      expect(await stream.ended).toBe('complete');
      expect(codeOf(stream.results[0] ?? {})).toBe('INTERNAL');
      expect(stream.raw).not.toMatch(tables);

      const socket = await api.socket();
      socket.send({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
      expect(await socket.closed).toEqual({ code: 1013, reason: 'Unexpected error.' });
    } finally {
      await api.dispose();
      await database.dispose();
    }
  });
});

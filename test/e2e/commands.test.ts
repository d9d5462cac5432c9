import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { request, testServerEnv } from '../support/clients.ts';
import { historyDocument } from '../support/documents.ts';
import { eventually } from '../support/eventually.ts';
import {
  type Process,
  runCommand,
  type ServerProcess,
  startCommand,
  startServerProcess,
} from '../support/processes.ts';
import { type SpokenAnswer, type SpokenModel, startSpokenModel } from '../support/spoken-model.ts';
import { createEmptyPostgres, createTempFolder } from '../support/stores.ts';
import { newUserId } from '../support/test-app.ts';

// Processes start slowly on a busy machine.
jest.setTimeout(60_000);

/** One server with a development secret; commands find its address by PORT and sign with the secret of its folder. */
describe('the commands', () => {
  let folder: Awaited<ReturnType<typeof createTempFolder>>;
  let server: ServerProcess;
  let env: Record<string, string>;
  const toDispose: { dispose(): Promise<unknown> }[] = [];

  const keep = <T extends { dispose(): Promise<unknown> }>(thing: T): T => {
    toDispose.push(thing);
    return thing;
  };

  beforeAll(async () => {
    folder = await createTempFolder();
    const { EDAGENT_JWT_SECRET: _, NODE_ENV: __, ...rest } = testServerEnv;
    env = { ...rest, EDAGENT_DATA_DIR: folder.path };
    server = await startServerProcess({ env });
    env = { ...env, PORT: new URL(server.url).port };
  }, 120_000);

  afterEach(async () => {
    for (const thing of toDispose.splice(0).reverse()) await thing.dispose();
  });

  afterAll(async () => {
    await server.dispose();
    await folder.dispose();
  });

  const run = (args: readonly string[], input = '') => runCommand(args, { env, input });
  const start = (args: readonly string[], more: Record<string, string> = {}): Process =>
    keep(startCommand(args, { env: { ...env, ...more } }));

  const makeTokenIn = async (of: Record<string, string>, user: string, ...more: string[]) => {
    const { stdout } = await runCommand(['token', '--user', user, ...more], { env: of });
    return stdout.trim();
  };
  const makeToken = (user: string, ...more: string[]) => makeTokenIn(env, user, ...more);

  describe('in general', () => {
    const names = ['serve', 'token', 'chat', 'broadcast', 'status', 'config check', 'epoch rotate'];

    test('each has a help with an example and the exit codes', async () => {
      const helps = await Promise.all(names.map((name) => run([...name.split(' '), '--help'])));
      for (const [at, { code, stdout, stderr }] of helps.entries()) {
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(stdout).toContain(`Usage: edagent ${names[at]}`);
        expect(stdout).toMatch(/Examples?:\n.*edagent/);
        expect(stdout).toContain('2  wrong words on the command line');
      }
    });

    test.each([
      ['an unknown command', ['frobnicate'], "error: unknown command 'frobnicate'"],
      ['an unknown option', ['status', '--all'], "error: unknown option '--all'"],
      ['a missing option', ['broadcast'], "error: required option '--text <text>' not specified"],
      ['a malformed value', ['token', '--user', 'ada', '--ttl', 'soon'], 'It must be a duration'],
      [
        'a value of no choice',
        ['token', '--user', 'ada', '--role', 'king'],
        'Allowed choices are learner, admin',
      ],
      ['a malformed address', ['status', '--url', 'localhost'], 'It must be an address'],
    ])('%s ends with 2 and says what is wrong', async (_what, args, said) => {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(said);
    });

    test('without a server they end with 4 and name the address', async () => {
      const ends = await Promise.all(
        [['status'], ['chat'], ['broadcast', '--text', 'x']].map((args) =>
          run([...args, '--url', 'http://127.0.0.1:2']),
        ),
      );
      for (const { code, stderr } of ends) {
        expect(code).toBe(4);
        expect(stderr).toContain('No server answers at http://127.0.0.1:2/graphql (ECONNREFUSED)');
      }
    });

    test('what the server refuses ends with 5 and the reason', async () => {
      const learner = await makeToken(newUserId());
      const ends = await Promise.all([
        run(['status', '--watch', '--token', `${learner}x`]),
        run(['broadcast', '--text', 'x', '--token', learner]),
        run(['broadcast', '--text', 'x', '--to', newUserId('nobody')]),
        run(['chat', '--conversation', '01a00000-0000-7000-8000-000000000000']),
      ]);
      expect(ends.map(({ code }) => code)).toEqual([5, 5, 5, 5]);
      expect(ends.map(({ stderr }) => stderr.split(':')[0])).toEqual([
        'UNAUTHENTICATED',
        'FORBIDDEN',
        'BAD_INPUT',
        'NOT_FOUND',
      ]);
    });

    test('in production they sign nothing by themselves', async () => {
      const production = { ...env, NODE_ENV: 'production', EDAGENT_JWT_SECRET: 'x'.repeat(32) };
      const { code, stderr } = await runCommand(['status'], { env: production });
      expect(code).toBe(2);
      expect(stderr).toContain('--token is needed when NODE_ENV=production');
    });
  });

  describe('token', () => {
    test('prints a token that the running server takes, and nothing else', async () => {
      const user = newUserId();
      const args = ['token', '--user', user, '--name', 'Ada L.', '--role', 'admin', '--ttl', '1h'];
      const { code, stdout, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const token = stdout.trim();
      const { exp = 0, iat = 0 } = decodeJwt(token);
      expect(exp - iat).toBe(3_600);
      const { viewer } = await request(server.url, token, '{ viewer { user { id name } role } }');
      expect(viewer).toEqual({ user: { id: user, name: 'Ada L.' }, role: 'ADMIN' });
    });

    test('is refused in production without a key, and signs with EDAGENT_JWT_SECRET when there is one', async () => {
      const production = { NODE_ENV: 'production', EDAGENT_DATA_DIR: folder.path };
      const refused = await runCommand(['token', '--user', 'ada'], { env: production });
      expect(refused).toMatchObject({ code: 3, stdout: '' });
      expect(refused.stderr).toContain('EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required');
      const signed = await runCommand(['token', '--user', 'ada'], {
        env: { ...production, EDAGENT_JWT_SECRET: 'x'.repeat(32), EDAGENT_JWT_ISSUER: 'school' },
      });
      expect(signed.code).toBe(0);
      expect(decodeJwt(signed.stdout.trim())).toMatchObject({ sub: 'ada', iss: 'school' });
    });
  });

  describe('chat', () => {
    test('answers each line of a pipe in turn on standard output, and says all else on standard error', async () => {
      const { code, stdout, stderr } = await run(['chat', '--user', newUserId()], 'Hello\nQuiz me\n\n0\n');
      expect(code).toBe(0);
      const answers = ['Hello', 'Let us warm up', 'Not quite'].map((begin) => stdout.indexOf(begin));
      expect(answers).toEqual([...answers].sort((a, b) => a - b));
      expect(answers[0]).toBe(0);
      expect(stdout).not.toContain('\u001b');
      expect(stdout.endsWith('\n')).toBe(true);
      expect(stderr).toMatch(/^Conversation [\w-]{36}\n/);
    });

    test('goes on with a conversation, lists, has an answer made again, and says what it does not know', async () => {
      const user = newUserId();
      const first = await run(['chat', '--user', user], 'Quiz me');
      const id = /Conversation (\S+)/.exec(first.stderr)?.[1] ?? '';
      const args = ['chat', '--user', user, '--conversation', id];
      const next = await run(args, '/retry\n/list\n/sing\n/help\n/new\nHello\n/list\n/open x\n');
      expect(next.stdout.startsWith(first.stdout)).toBe(true);
      expect(next.stdout).toContain('Hello');
      expect(next.stderr).toContain(`Conversation ${id}: Quiz me`);
      expect(next.stderr).toContain(`${id}  Quiz me\n`);
      expect(next.stderr).toContain('There is no /sing: /help tells what there is.');
      expect(next.stderr).toContain('/retry      has the last answer made again');
      expect(next.stderr.match(/^[\w-]{36} {2}Hello$/m)).not.toBeNull();
      expect(next.code).toBe(5);
      expect(next.stderr).toContain('NOT_FOUND');
    });
  });

  describe('chat in the middle of an answer', () => {
    /** Its answers are spoken by the test: none ends before something has happened in the middle of it. */
    let spoken: { model: SpokenModel; server: ServerProcess; env: Record<string, string> };
    const toEnd: { dispose(): Promise<unknown> }[] = [];

    beforeAll(async () => {
      const model = await startSpokenModel();
      const own = await createTempFolder();
      toEnd.push(own, model);
      const { PORT: _, ...rest } = env;
      const spokenEnv = {
        ...rest,
        EDAGENT_DATA_DIR: own.path,
        OPENAI_BASE_URL: model.url,
        EDAGENT_TOKEN_TIMEOUT: '60s',
      };
      const spokenServer = await startServerProcess({ env: spokenEnv });
      toEnd.push(spokenServer);
      const { port } = new URL(spokenServer.url);
      spoken = { model, server: spokenServer, env: { ...spokenEnv, PORT: port } };
    }, 60_000);

    afterAll(async () => {
      for (const thing of toEnd.reverse()) await thing.dispose();
    });

    interface Begun {
      readonly chat: Process;
      readonly user: string;
      readonly answer: SpokenAnswer;
    }

    const beginAnswer = async (balancer?: Balancer): Promise<Begun> => {
      const user = newUserId();
      const question = 'Make a study plan for light';
      const answer = spoken.model.answerTo(question);
      const url = balancer ? ['--url', balancer.wsUrl] : [];
      const chat = start(['chat', '--user', user, ...url], spoken.env);
      chat.write(`${question}\n`);
      await chat.waitFor('stderr', /Tutor is typing …/);
      answer.say('Day 1: ', 'look');
      await chat.waitFor('stdout', /Day 1: look/);
      return { chat, user, answer };
    };

    const readAnswer = async ({
      chat,
      user,
    }: Begun): Promise<{ text: string; answer: { state: string } }> => {
      const id = /Conversation (\S+)/.exec(chat.stderr)?.[1];
      const token = await makeTokenIn(spoken.env, user);
      const history = await request(spoken.server.url, token, historyDocument, { id });
      return history.conversation.messages.edges.at(-1).node;
    };

    test('comes back by itself when its socket is lost, says so, and shows the answer whole and once', async () => {
      const balancer = keep(await startBalancer([spoken.server.url]));
      const begun = await beginAnswer(balancer);
      const { chat, answer } = begun;
      balancer.cut();
      chat.endInput();
      await chat.waitFor('stderr', /Nothing was missed\.\n/);
      answer.say(' through a prism.', '\nDay 2: rest.');
      answer.finish();
      await expect(chat.waitForExit()).resolves.toEqual({ code: 0, signal: null });
      expect(chat.stderr).toMatch(/Connection lost \(1006.*\): coming back by itself\.\nConnected again\.\n/);
      expect(await readAnswer(begun)).toMatchObject({
        text: 'Day 1: look through a prism.\nDay 2: rest.',
        answer: { state: 'FINISHED' },
      });
      expect(chat.stdout).toBe('Day 1: look through a prism.\nDay 2: rest.\n');
    });

    test('the first Ctrl-C stops the answer, the next one leaves', async () => {
      const begun = await beginAnswer();
      const { chat } = begun;
      chat.kill('SIGINT');
      await chat.waitFor('stderr', /Stopped\.\n/);
      expect(await readAnswer(begun)).toMatchObject({ text: 'Day 1: look', answer: { state: 'STOPPED' } });
      expect(chat.stdout).toBe('Day 1: look\n');
      chat.kill('SIGINT');
      await expect(chat.waitForExit()).resolves.toEqual({ code: 0, signal: null });
    });

    test('[A9] an admin who blocks the user ends it with 5', async () => {
      const { chat, user } = await beginAnswer();
      const admin = await makeTokenIn(spoken.env, newUserId('admin'), '--role', 'admin');
      const block = 'mutation ($userId: ID!) { setUserBlocked(userId: $userId, blocked: true) { id } }';
      await request(spoken.server.url, admin, block, { userId: user });
      await expect(chat.waitForExit()).resolves.toEqual({ code: 5, signal: null });
      expect(chat.stderr).toContain('UNAUTHENTICATED');
    });
  });

  describe('broadcast', () => {
    test('[B3] reaches those who are connected, and says how many connections that were', async () => {
      const user = newUserId();
      const chat = start(['chat', '--user', user]);
      chat.write('Hello\n');
      await chat.waitFor('stdout', /Hello/);
      const { code, stdout } = await run(['broadcast', '--text', 'Maintenance at noon', '--expires', '2d']);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[\w-]{36} sent to 1 connection\n$/);
      await chat.waitFor('stderr', /Announcement: Maintenance at noon\n/);
    });

    test('[B2] goes to the users it names only', async () => {
      const [one, other, third] = [newUserId(), newUserId(), newUserId()];
      const tokens = await Promise.all([one, other, third].map((user) => makeToken(user)));
      const unread = '{ viewer { broadcasts { edges { node { text expiresAt } } } } }';
      const read = async (token: string) =>
        (await request(server.url, token, unread)).viewer.broadcasts.edges.map(
          ({ node }: { node: { text: string } }) => node.text,
        );
      for (const token of tokens) await read(token);
      const { code } = await run(['broadcast', '--text', 'For two', '--to', one, '--to', other]);
      expect(code).toBe(0);
      const texts = await Promise.all(tokens.map(read));
      expect(texts.map((list) => list.includes('For two'))).toEqual([true, true, false]);
    });
  });

  describe('status', () => {
    test('[S1] shows the nodes, the connections, the users and the rates, as a table and as JSON', async () => {
      const user = newUserId();
      const chat = start(['chat', '--user', user]);
      chat.write('Hello\n');
      await chat.waitFor('stdout', /Hello/);
      const table = await run(['status']);
      expect(table.code).toBe(0);
      expect(table.stdout).toMatch(/^\S+ \S+Z {2}1 node, 1 connection, 1 user\nmessages [\d.]+\/s, deltas /);
      expect(table.stdout).toMatch(/^NODE +VERSION +SINCE +CONNECTIONS +USERS +ANSWERS +MEMORY +STATE$/m);
      expect(table.stdout).toMatch(new RegExp(`^\\S+ +${user} +websocket `, 'm'));
      const json = await run(['status', '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({
        connectionCount: 1,
        userCount: 1,
        nodes: [{ connectionCount: 1, isDraining: false }],
        connections: { totalCount: 1, nodes: [{ userId: user, transport: 'WEBSOCKET' }] },
      });
    });

    test('--watch goes on until Ctrl-C and shows what changed', async () => {
      const watch = start(['status', '--watch', '--json']);
      const counts = () =>
        watch.stdout
          .trimEnd()
          .split('\n')
          .map((line) => (line === '' ? 0 : JSON.parse(line).connectionCount));
      await eventually(() => counts().includes(1));
      const chat = start(['chat', '--user', newUserId()]);
      chat.write('Hello\n');
      await eventually(() => counts().includes(2));
      watch.kill('SIGINT');
      await expect(watch.waitForExit()).resolves.toEqual({ code: 0, signal: null });
    });

    test('--watch ends without a word when nobody reads any more', async () => {
      const watch = start(['status', '--watch']);
      await watch.waitFor('stdout', /NODE/);
      watch.closeOutput();
      const chat = start(['chat', '--user', newUserId()]);
      chat.write('Hello\n');
      await expect(watch.waitForExit()).resolves.toEqual({ code: 0, signal: null });
      expect(watch.stderr).toBe('');
    });
  });

  describe('config check', () => {
    test('prints what is in force, and no secret', async () => {
      const { code, stdout, stderr } = await runCommand(['config', 'check'], {
        env: {
          PORT: '8080',
          DATABASE_URL: 'postgres://ada:sesame@db/school',
          EDAGENT_JWT_SECRET: 'sesame'.repeat(6),
          OPENAI_API_KEY: 'sk-sesame',
        },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const lines = stdout.split('\n');
      expect(lines).toEqual(
        expect.arrayContaining([
          'PORT=8080',
          'HOST=127.0.0.1  (default)',
          'REDIS_URL=(not set)',
          'DATABASE_URL=(set, not shown)',
          'OPENAI_BASE_URL=https://api.openai.com/v1  (default)',
        ]),
      );
      expect(stdout).not.toContain('sesame');
    });

    test('fails as a start would', async () => {
      const { code, stderr } = await runCommand(['config', 'check'], { env: { NODE_ENV: 'production' } });
      expect(code).toBe(3);
      expect(stderr).toContain('EDAGENT_JWKS_URL or EDAGENT_JWT_SECRET is required');
    });
  });

  describe('epoch rotate', () => {
    test('is refused while the embedded server runs', async () => {
      const { code, stderr } = await run(['epoch', 'rotate']);
      expect(code).toBe(3);
      expect(stderr).toContain('is in use by another server: stop that one');
    });

    test('begins another epoch in PostgreSQL, once for each call', async () => {
      const database = await createEmptyPostgres();
      if (!database) return;
      keep(database);
      const databaseEnv = { DATABASE_URL: database.url, EDAGENT_LOG_LEVEL: 'silent' };
      const rotate = () => runCommand(['epoch', 'rotate'], { env: databaseEnv });
      const words = /^epoch (\S+) ended, (\S+) began\n$/;
      const first = words.exec((await rotate()).stdout);
      const second = words.exec((await rotate()).stdout);
      expect(second?.[1]).toBe(first?.[2]);
      expect(second?.[2]).not.toBe(second?.[1]);
    });
  });
});

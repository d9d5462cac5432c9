import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type DocumentNode,
  execute,
  extendSchema,
  GraphQLError,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  getNamedType,
  isLeafType,
  isObjectType,
  isUnionType,
  parse,
  validate,
} from 'graphql';
import type { Context } from '../../../src/schema/context.ts';
import { createSchema } from '../../../src/schema/index.ts';
import { extensionsOf } from '../../../src/server/event-extensions.ts';
import { createPlans, type Plan } from '../../../src/server/fan-out-plan.ts';
import { compileEventText } from '../../../src/server/fan-out-text.ts';
import { toWire } from '../../../src/server/mask-error.ts';
import { admin, createContext, createFakeServices } from '../schema/fake-services.ts';
import { feedItems, typingItem } from '../schema/samples.ts';
import { randomDocuments } from './random-documents.ts';

const schema = createSchema();
/** Keeps what graphql-js says, so that differences show. */
const keepError = (error: unknown): GraphQLError =>
  error instanceof GraphQLError ? error : new GraphQLError(String(error));

const planOf = (source: string, operationName: string | null = null): Plan | null =>
  createPlans({ schema, maskError: keepError }).find({ query: source, operationName }, () => parse(source));

const fail = (): never => {
  throw new Error('broken');
};

/** Read as the client reads it. */
const fromWire = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

/** What graphql-js gives one subscriber alone, with their own context and variables. */
const alone = (
  document: DocumentNode,
  rootValue: unknown,
  variableValues: Record<string, unknown>,
): string => {
  const contextValue = createContext(createFakeServices().services, { viewer: admin });
  const result = execute({ schema, document, rootValue, variableValues, contextValue });
  if ('then' in result) throw new Error('asynchronous');
  const extensions = extensionsOf(rootValue);
  return JSON.stringify({
    ...(result.errors && { errors: result.errors.map((error) => toWire(error).toJSON()) }),
    ...('data' in result && { data: result.data }),
    ...(extensions && { extensions }),
  });
};

/** Also those that a bug would make: something missing, or of a wrong type, anywhere. */
const spoil = (value: unknown, path: readonly number[], damage: unknown): unknown => {
  const [step, ...rest] = path;
  if (typeof value !== 'object' || value === null || step === undefined) return damage;
  const keys = Object.keys(value).filter((key) => key !== 'kind' && key !== 'type');
  const key = keys[step % keys.length];
  if (key === undefined) return value;
  const copy: Record<string, unknown> = { ...value };
  copy[key] = spoil(copy[key], rest, damage);
  return Array.isArray(value) ? Object.values(copy) : copy;
};

const texts = fc.string({ unit: 'binary', maxLength: 20 });
const damages = fc.oneof(
  texts,
  fc.constantFrom(null, undefined, 7, 2 ** 40, true, new Date(0), new Error('broken'), {}, []),
);
const eventsOf = (items: readonly unknown[]) =>
  fc
    .tuple(
      fc.constantFrom(...items),
      fc.array(fc.nat(20), { maxLength: 6 }),
      fc.option(damages, { freq: 3, nil: undefined }),
      fc.boolean(),
    )
    .map(([item, path, damage, isSpoiled]) =>
      isSpoiled && path.length > 0 ? spoil(item, path, damage) : item,
    );

describe('a cohort', () => {
  test.each([
    ['messageReceived', '(after: $after)', Object.values(feedItems)],
    ['typing', '(conversationId: "c1")', [typingItem]],
  ])(
    'gives each subscriber of %s the bytes that graphql-js would have given them alone',
    (field, args, items) => {
      let compared = 0;
      let withErrors = 0;
      const after = fc.option(fc.array(texts, { maxLength: 2 }), { nil: undefined });
      fc.assert(
        fc.property(
          randomDocuments(schema, field, args),
          fc.array(eventsOf(items), { minLength: 5, maxLength: 12 }),
          fc.array(after, { minLength: 1, maxLength: 3 }),
          ({ source, variables }, events, afters) => {
            const text = args.includes('$after') ? source : source.replace('$after: [Cursor!], ', '');
            const document = parse(text);
            fc.pre(validate(schema, document).length === 0);
            const plan = planOf(text);
            if (!plan) throw new Error('not shared');
            const subscribers = afters.map((given) => ({ ...variables, ...(given && { after: given }) }));
            for (const event of events) {
              for (const mine of subscribers) {
                const bytes = fromWire(plan.cohortOf(mine).payloadOf(event));
                const expected = alone(document, event, mine);
                // Thousands of assertions that pass take longer than what they compare.
                if (bytes !== expected) expect(bytes).toBe(expected);
                compared += 1;
                if (bytes.startsWith('{"errors"')) withErrors += 1;
              }
            }
          },
        ),
        { numRuns: 300 },
      );
      expect(compared).toBeGreaterThan(2_000);
      expect(withErrors).toBeGreaterThan(30);
    },
    60_000,
  );
});

describe('the text of an event', () => {
  const everything = (name: string, depth = 0): string => {
    const type = schema.getType(name);
    if (isUnionType(type)) {
      return `{ __typename ${type
        .getTypes()
        .map((member) => `... on ${member.name} ${everything(member.name, depth)}`)
        .join(' ')} }`;
    }
    if (!isObjectType(type)) return '';
    const fields = Object.values(type.getFields()).filter(
      ({ args, extensions }) => args.length === 0 && extensions.needsContext !== true,
    );
    return `{ ${fields
      .map((field) => ({ name: field.name, of: getNamedType(field.type) }))
      .filter(({ of }) => isLeafType(of) || depth < 3)
      .map(({ name: field, of }) => `${type.name}_${field}: ${field} ${everything(of.name, depth + 1)}`)
      .join(' ')} }`;
  };

  test.each([
    ['messageReceived', 'MessageEvent', Object.values(feedItems)],
    ['typing', 'TypingEvent', [typingItem]],
  ])('is compiled for all that %s can give, and needs graphql-js for none of it', (field, type, items) => {
    const args = field === 'typing' ? '(conversationId: "c1")' : '';
    const document = parse(`subscription { ${field}${args} ${everything(type)} }`);
    expect(validate(schema, document)).toEqual([]);
    const write = compileEventText({ schema, document, operationName: null }, {}, {});
    for (const item of items) {
      const { data } = JSON.parse(alone(document, item, {}));
      expect(write?.(item)).toBe(JSON.stringify(data));
    }
  });

  test.each([
    ['a promise', () => Promise.resolve({ text: 'late' })],
    ['an error', () => new Error('broken')],
    ['one that throws', () => fail()],
  ])('is not made of a field that is %s', (_name, resolve) => {
    const query = new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        event: {
          type: new GraphQLObjectType({ name: 'Event', fields: { text: { type: GraphQLString } } }),
          resolve,
        },
      },
    });
    const document = parse('subscription { event { text } }');
    const source = { schema: new GraphQLSchema({ subscription: query }), document, operationName: null };
    expect(() => compileEventText(source, {}, {})?.({})).toThrow();
  });
});

const shared = '{ messageReceived { __typename } }';
const ofViewer = '{ messageReceived { ... on MessageAdded { message { text conversation { title } } } } }';

describe('a plan', () => {
  test.each([
    ['one without a viewer in it', `subscription ${shared}`, null],
    ['the one that is named', `query A { viewer { role } } subscription B ${shared}`, 'B'],
    [
      'fragments at the root',
      'subscription { ...F } fragment F on Subscription { ... { messageReceived { __typename } } }',
      null,
    ],
  ])('is made for %s', (_name, source, operationName) => {
    expect(planOf(source, operationName)).not.toBeNull();
  });

  test.each([
    ['a query', '{ viewer { role } }', null],
    ['the one that is not named', `query A { viewer { role } } subscription B ${shared}`, 'A'],
    ['a name that is not there', `subscription B ${shared}`, 'C'],
    ['a field that needs the viewer', `subscription ${ofViewer}`, null],
    [
      'one in a fragment',
      'subscription { messageReceived { ...F } } fragment F on MessageAdded { message { ...G } } fragment G on Message { conversation { id } }',
      null,
    ],
    [
      'one behind a directive',
      'subscription ($x: Boolean!) { messageReceived { ... on MessageAdded { message { conversation @include(if: $x) { id } } } } }',
      null,
    ],
    [
      'a root field that may be left out',
      'subscription ($x: Boolean!) { messageReceived @include(if: $x) { __typename } }',
      null,
    ],
    ['events that each viewer has for themselves', 'subscription { connectionStatusChanged { at } }', null],
  ])('is not made for %s', (_name, source, operationName) => {
    expect(planOf(source, operationName)).toBeNull();
  });

  test('is made once for each document and operation, also for one that cannot have one', () => {
    const plans = createPlans({ schema, maskError: keepError });
    const source = `subscription A ${shared} subscription B ${shared}`;
    let loads = 0;
    const find = (query: string, operationName: string | null) =>
      plans.find({ query, operationName }, () => {
        loads += 1;
        return query === 'broken' ? null : parse(query);
      });
    const a = find(source, 'A');
    expect(find(source, 'A')).toBe(a);
    expect(find(source, 'B')).not.toBe(a);
    expect([find('broken', null), find('broken', null)]).toEqual([null, null]);
    expect(loads).toBe(3);
  });

  test('puts those with the same variables inside the payload into one cohort, whatever chose their source', () => {
    const plan = planOf(
      'subscription ($id: ID, $x: Boolean = true) { messageReceived(conversationId: $id) { __typename ... @include(if: $x) { __typename } } }',
    );
    const cohort = plan?.cohortOf({ id: 'c1', x: true });
    expect(plan?.cohortOf({ id: 'c2', x: true })).toBe(cohort);
    expect(plan?.cohortOf({ id: 'c1', x: false })).not.toBe(cohort);
    expect(plan?.cohortOf({ id: 'c1' })).not.toBe(cohort);
  });

  describe('executes an event once, however many ask for it', () => {
    let reads = 0;
    const toItem = (isTyping: boolean) => ({
      ...typingItem,
      get isTyping() {
        reads += 1;
        return isTyping;
      },
    });
    const plan = planOf('subscription { typing(conversationId: "c1") { isTyping } }');
    const payloadOf = (item: unknown) => plan?.cohortOf({}).payloadOf(item);
    const toPayload = (isTyping: boolean) => `{"data":{"typing":{"isTyping":${isTyping}}}}`;
    beforeEach(() => {
      reads = 0;
    });

    test('all of them before the next event', () => {
      const item = toItem(true);
      const bytes = Array.from({ length: 100 }, () => payloadOf(item));
      expect(reads).toBe(1);
      expect(new Set(bytes)).toEqual(new Set([toPayload(true)]));
    });

    test('or each a few events, one after the other', () => {
      const states = Array.from({ length: 10 }, (_, at) => at % 3 === 0);
      const items = states.map(toItem);
      for (let subscriber = 0; subscriber < 100; subscriber++) {
        expect(items.map(payloadOf)).toEqual(states.map(toPayload));
      }
      expect(reads).toBe(items.length);
    });

    test('but of large ones only the last is kept', () => {
      const [one, two] = [true, false].map((isTyping) => ({
        ...typingItem,
        conversationId: 'c'.repeat(40_000),
        get isTyping() {
          reads += 1;
          return isTyping;
        },
      }));
      const large = planOf('subscription { typing(conversationId: "c1") { isTyping conversationId } }');
      const cohort = large?.cohortOf({});
      for (const item of [one, one, two, two, one]) cohort?.payloadOf(item);
      expect(reads).toBe(3);
    });
  });

  test('is forgotten after hundreds of others, however short their documents are', () => {
    const plans = createPlans({ schema, maskError: keepError });
    const cohortOf = (at: number) => {
      const query = `subscription { typing(conversationId: "c${at}") { isTyping } }`;
      return plans.find({ query, operationName: null }, () => parse(query))?.cohortOf({});
    };
    const first = cohortOf(0);
    for (let at = 1; at <= 600; at++) cohortOf(at);
    expect(cohortOf(0)).not.toBe(first);
  });
});

describe('the rights of a cohort', () => {
  /** A field that someone forgot to mark: it shows what only an admin may see. */
  const createLeakySchema = (resolve: GraphQLFieldResolver<unknown, Context>): GraphQLSchema => {
    const leaky = extendSchema(createSchema(), parse('extend type TypingEvent { secret: String }'));
    const field = (leaky.getType('TypingEvent') as GraphQLObjectType).getFields().secret;
    if (field) field.resolve = resolve;
    return leaky;
  };
  const source = 'subscription { typing(conversationId: "c1") { isTyping secret } }';

  test.each<[string, GraphQLFieldResolver<unknown, Context>]>([
    ['reads the role', (_item, _args, { viewer }) => (viewer?.role === 'ADMIN' ? 'secret' : null)],
    ['asks a service', (_item, _args, { services }) => services.limits.payloadBytes],
    ['is asynchronous', async () => 'secret'],
  ])('never show what a field gives that is not marked and %s', (_name, resolve) => {
    const leaky = createLeakySchema(resolve);
    const plans = createPlans({ schema: leaky, maskError: () => new GraphQLError('masked') });
    const cohort = plans.find({ query: source, operationName: null }, () => parse(source))?.cohortOf({});
    // Before and after it is compiled.
    for (let n = 0; n < 10; n += 1) {
      let payload = '';
      try {
        payload = cohort?.payloadOf({ ...typingItem }) ?? '';
      } catch (error) {
        payload = String(error);
      }
      expect(payload).toMatch(/masked|mark it with needsContext/);
      expect(payload).not.toMatch(/"secret":"/);
    }
  });
});

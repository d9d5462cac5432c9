import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type DocumentNode, execute, GraphQLError, parse, validate } from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import { extensionsOf } from '../../../src/server/event-extensions.ts';
import { createPlans, type Plan } from '../../../src/server/fan-out-plan.ts';
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
                expect(bytes).toBe(alone(document, event, mine));
                compared += 1;
                if (bytes.startsWith('{"errors"')) withErrors += 1;
              }
            }
          },
        ),
        { numRuns: 300 },
      );
      expect(compared).toBeGreaterThan(2_000);
      expect(withErrors).toBeGreaterThan(100);
    },
    60_000,
  );
});

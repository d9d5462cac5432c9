import { describe, expect, test } from '@jest/globals';
import { isScalarType, parse, validate } from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import { admin } from './fake-services.ts';
import { codesOf, run, runSubscription } from './run.ts';

const schema = createSchema();

const scalar = (name: string) => {
  const type = schema.getType(name);
  if (!isScalarType(type)) throw new Error(`${name} is no scalar`);
  return type;
};

const bad = [
  '2030-01-31',
  '2030-01-31T12:00:00',
  '2030-02-30T12:00:00Z',
  '2030-13-01T12:00:00Z',
  '2030-01-31T25:00:00Z',
  'tomorrow',
  '',
  1_900_000_000_000,
  null,
];

describe('DateTime', () => {
  test.each([
    ['2030-01-31T12:00:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T12:00Z', '2030-01-31T12:00:00.000Z'],
    ['2030-01-31T23:30:00.5-05:00', '2030-02-01T04:30:00.500Z'],
    ['2028-02-29T00:00:00+14:00', '2028-02-28T10:00:00.000Z'],
  ])('reads %s as %s', (value, expected) => {
    expect(scalar('DateTime').parseValue(value)).toBe(expected);
  });

  test.each(bad.map((value) => [value]))('refuses %j with BAD_INPUT', (value) => {
    expect(() => scalar('DateTime').parseValue(value)).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_INPUT' }) }),
    );
  });

  test('writes dates and strings alike', () => {
    const text = '2030-01-31T12:00:00.000Z';
    expect(scalar('DateTime').serialize(new Date(text))).toBe(text);
    expect(scalar('DateTime').serialize(text)).toBe(text);
  });

  test('keeps its code when it is bad in a variable', async () => {
    const { result } = await run(
      `mutation ($at: DateTime) { broadcast(input: { clientBroadcastId: "1", text: "Soon", expiresAt: $at }) { connectionCount } }`,
      { context: { viewer: admin }, variables: { at: 'tomorrow' } },
    );
    expect(codesOf(result)).toEqual(['BAD_INPUT']);
  });

  test('keeps its code when it is bad in the document', () => {
    const source =
      'mutation { broadcast(input: { clientBroadcastId: "1", text: "Soon", expiresAt: "tomorrow" }) { connectionCount } }';
    expect(validate(schema, parse(source)).map(({ extensions }) => extensions.code)).toEqual(['BAD_INPUT']);
  });
});

describe('Cursor', () => {
  test('is passed on as it came', async () => {
    const { callsOf } = await runSubscription(
      'subscription ($after: [Cursor!]) { messageReceived(after: $after) { __typename } }',
      { variables: { after: ['anything'] } },
    );
    expect(callsOf('conversations.subscribe')[0]?.[2]).toEqual(['anything']);
  });

  test('is BAD_INPUT when it is no string', async () => {
    const { result } = await runSubscription(
      'subscription ($after: [Cursor!]) { messageReceived(after: $after) { __typename } }',
      { variables: { after: [7] } },
    );
    expect(codesOf(result)).toEqual(['BAD_INPUT']);
  });
});

import { expect, test } from '@jest/globals';
import { type GraphQLField, getNamedType, isUnionType, parse, validate } from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import { selectAll } from '../../support/operations.ts';

const schema = createSchema();

const resultFields = Object.values(schema.getMutationType()?.getFields() ?? {}).filter(({ type }) =>
  isUnionType(getNamedType(type)),
);

const operationOf = ({ name, args, type }: GraphQLField<unknown, unknown>): string => {
  const variables = args.map((argument) => `$${argument.name}: ${argument.type}`).join(', ');
  const values = args.map((argument) => `${argument.name}: $${argument.name}`).join(', ');
  return `mutation (${variables}) { ${name}(${values}) ${selectAll(schema, type, 5)} }`;
};

test('there are result unions', () => {
  expect(resultFields.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['sendMessage', 'retryAnswer']),
  );
});

test.each(resultFields.map((field) => [field.name, field] as const))(
  '[E4] one document that selects every field of every member of the result of %s, without aliases, is valid',
  (_name, field) => {
    const operation = operationOf(field);
    expect(operation).toContain('reason');
    expect(validate(schema, parse(operation))).toEqual([]);
  },
);

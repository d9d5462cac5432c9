import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import {
  assertValidSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { createSchema } from '../../../src/schema/index.ts';
import { printSchemaSorted } from '../../../src/schema/print.ts';

const schema = createSchema();

interface Described {
  readonly name: string;
  readonly description?: string | null | undefined;
}

/** Every element of a type, by its path. */
const elementsOf = (type: GraphQLNamedType): (readonly [string, Described])[] => {
  const of = (path: string, list: readonly Described[]) =>
    list.map((element) => [`${path}.${element.name}`, element] as const);
  if (isEnumType(type)) return of(type.name, type.getValues());
  if (isInputObjectType(type)) return of(type.name, Object.values(type.getFields()));
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    [`${type.name}.${field.name}`, field] as const,
    ...of(`${type.name}.${field.name}`, field.args),
  ]);
};

describe('schema.graphql', () => {
  test('is what the code says', async () => {
    const file = new URL('../../../schema.graphql', import.meta.url);
    expect(await readFile(file, 'utf8')).toBe(printSchemaSorted());
  });

  test('is a valid schema', () => {
    expect(() => assertValidSchema(schema)).not.toThrow();
  });

  test('describes every type, field, argument, input field and enum value', () => {
    const own = Object.values(schema.getTypeMap()).filter(
      (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
    );
    const elements = own.flatMap((type) => [[type.name, type] as const, ...elementsOf(type)]);
    expect(elements.length).toBeGreaterThan(200);
    const bare = elements.filter(([, { description }]) => !description?.trim()).map(([path]) => path);
    expect(bare).toEqual([]);
  });
});

import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from './index.ts';

/** The text of `schema.graphql`: sorted, so that its changes are those of the API and not of the code's order. */
export const printSchemaSorted = (): string => `${printSchema(lexicographicSortSchema(createSchema()))}\n`;

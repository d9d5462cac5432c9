import { readFileSync } from 'node:fs';
import { buildSchema, introspectionFromSchema } from 'graphql';

/** With it graphcache knows which fragments match; a bundled app has it generated, see @urql/introspection. */
export const schema = introspectionFromSchema(buildSchema(readFileSync('schema.graphql', 'utf8')));

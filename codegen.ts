import type { CodegenConfig } from '@graphql-codegen/cli';

type Output = CodegenConfig['generates'][string];

const typedDocuments = (documents: string[]): Output => ({
  documents,
  preset: 'client',
  presetConfig: { fragmentMasking: false },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    scalars: { Cursor: 'string', DateTime: 'string' },
    strictScalars: true,
    defaultScalarType: 'unknown',
  },
});

/** Typed documents for the front end, the examples, and the clients in test/, from schema.graphql alone. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'test/support/generated/': typedDocuments(['test/support/documents.ts', 'test/**/*.graphql.ts']),
    'web/src/generated/': typedDocuments(['web/src/**/documents.ts']),
    'examples/generated/': typedDocuments(['examples/documents.ts']),
  },
};

export default config;

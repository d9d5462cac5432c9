import type { CodegenConfig } from '@graphql-codegen/cli';

/** Typed documents for the clients in test/, from schema.graphql alone. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/support/documents.ts', 'test/**/*.graphql.ts'],
  ignoreNoDocuments: true,
  importExtension: '.ts',
  generates: {
    'test/support/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { Cursor: 'string', DateTime: 'string' },
        strictScalars: true,
        defaultScalarType: 'unknown',
      },
    },
  },
};

export default config;

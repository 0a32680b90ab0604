import type { CodegenConfig } from '@graphql-codegen/cli'

/** Typed documents for the operations that the tests and the demo send. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/operations/*.graphql'],
  // Node runs the sources as they are, so imports carry their extension.
  importExtension: '.ts',
  generates: {
    'test/generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: { DateTime: 'string', JSON: 'unknown', ID: 'string' },
        documentMode: 'string',
      },
    },
  },
}

export default config

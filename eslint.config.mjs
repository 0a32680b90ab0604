// Lints the printed schema and the operations that tests and demo send; Biome looks after the code.
import { readFileSync } from 'node:fs'
import graphql from '@graphql-eslint/eslint-plugin'
import { buildSchema, isObjectType } from 'graphql'

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'))
// Ids are for what can be fetched again by id: the nodes. Values, payloads and errors have none.
const withoutId = Object.values(schema.getTypeMap())
  .filter(type => isObjectType(type) && !type.getInterfaces().some(({ name }) => name === 'Node'))
  .map(({ name }) => name)

const [, recommended] = graphql.configs['flat/schema-recommended'].rules['@graphql-eslint/naming-convention']
const namingConvention = { ...recommended, 'ObjectTypeDefinition,ObjectTypeExtension': { forbiddenPrefixes: ['Type'] } }

// One project for both: the plugin keeps the first that it meets.
const graphQLConfig = { schema: './schema.graphql', documents: './test/operations/*.graphql' }
const languageOptions = { parser: graphql.parser, parserOptions: { graphQLConfig } }

export default [
  {
    files: ['schema.graphql'],
    languageOptions,
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: withoutId } }],
      // Short, bounded lists of values (steps, issues, remedies) are plain lists; everything that can grow is paged.
      // Entries of the audit log are no nodes: reading one is reading the log.
      '@graphql-eslint/relay-edge-types': ['error', { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false }],
      '@graphql-eslint/require-description': [
        'error',
        { types: true, rootField: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
      ],
      '@graphql-eslint/require-deprecation-date': 'error',
      '@graphql-eslint/no-scalar-result-type-on-mutation': 'error',
      // Pages are read forwards only, which the Relay specification allows.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // "ConnectorType" is the field's own word for a catalogue entry.
      '@graphql-eslint/naming-convention': ['error', namingConvention],
      '@graphql-eslint/input-name': ['error', { checkInputType: false }],
    },
  },
  {
    files: ['test/operations/*.graphql'],
    languageOptions,
    plugins: { '@graphql-eslint': graphql },
    rules: graphql.configs['flat/operations-recommended'].rules,
  },
]

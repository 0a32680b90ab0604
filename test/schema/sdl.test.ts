import { readFile } from 'node:fs/promises'
import {
  assertValidSchema,
  buildClientSchema,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLInt,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  getIntrospectionQuery,
  graphqlSync,
  type IntrospectionQuery,
  isInputObjectType,
  isObjectType,
  isUnionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import { pascalCase } from '../../src/schema/form-type-names.ts'
import { buildSchema } from '../../src/schema/index.ts'
import { printSdl } from '../../src/schema/print-sdl.ts'
import { assertSchemaRules } from '../../src/schema/schema-rules.ts'
import { madeUpSchema } from './schema-world.ts'

const builtIn = buildSchema(new ConnectorRegistry(builtInConnectorTypes))

test('schema.graphql is what the code prints; "npm run schema:print" writes it', async () => {
  const committed = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8')
  expect(printSdl(builtIn)).toBe(committed)
})

test('introspection gives a client a valid schema with its descriptions and @oneOf', () => {
  const source = getIntrospectionQuery({ oneOf: true, inputValueDeprecation: true, schemaDescription: true })
  const { data, errors } = graphqlSync({ schema: builtIn, source })
  expect(errors).toBeUndefined()
  const client = buildClientSchema(data as unknown as IntrospectionQuery)
  assertValidSchema(client)
  expect(client.getType('ConnectorConfigInput')).toMatchObject({ isOneOf: true })
  expect(client.getQueryType()?.getFields()['connectors']?.description).toMatch(/\.$/)
})

test('every registered type gets an object of its own, under its input key', () => {
  const names = (schema: GraphQLSchema) =>
    schema.getPossibleTypes(schema.getType('Connector') as never).map(({ name }) => name)
  const expected = builtInConnectorTypes.map(({ inputKey }) => `${pascalCase(inputKey)}Connector`)
  expect(names(builtIn).sort()).toEqual(expected.sort())
  expect(names(madeUpSchema)).toEqual(['MadeUpConnector', 'OtherConnector'])
  const other = madeUpSchema.getType('OtherConnector')
  expect(isObjectType(other) && String(other.getFields()['other']?.type)).toBe('OtherConfig!')
  expect(isObjectType(other) && other.getFields()['madeUp']).toBeUndefined()
})

test('a form may use an enum of the schema, and a shared block is described as what it is', () => {
  const step = builtIn.getType('SimulatedStepInput')
  expect(step?.description).toBe('Simulated step. What one step of a simulated test does.')
  expect(isInputObjectType(step) && step.getFields()['problem']?.type).toBe(builtIn.getType('ProblemCode'))
})

test('every result union holds its success and otherwise only errors', () => {
  const unions = Object.values(builtIn.getTypeMap()).filter(isUnionType)
  const results = unions.filter(({ name }) => name.endsWith('Result') && name !== 'TestConnectionStreamResult')
  expect(results).toHaveLength(14)
  for (const union of results) {
    const successes = union.getTypes().filter(type => !type.getInterfaces().some(({ name }) => name === 'Error'))
    expect(successes.map(({ name }) => name)).toEqual([union.name.replace(/Result$/, 'Success')])
  }
})

test('refusals of subscriptions are data', () => {
  const union = builtIn.getType('TestConnectionStreamResult')
  const members = isUnionType(union) ? union.getTypes().map(({ name }) => name) : []
  expect(members.sort()).toEqual([
    'ConnectionTestFinished',
    'ConnectionTestPlanned',
    'ConnectionTestStepFinished',
    'ConnectionTestStepProgressed',
    'ConnectionTestStepStarted',
    'IdempotencyKeyReusedError',
    'NotFoundError',
    'RateLimitedError',
    'SecretReentryRequiredError',
    'ValidationError',
  ])
})

describe('a schema is refused when', () => {
  const scoped = { pothosOptions: { authScopes: { signedIn: true } } }
  const number = (name: string, extensions: Record<string, unknown> = {}, description = 'A number.') => ({
    [name]: { type: new GraphQLNonNull(GraphQLInt), description, extensions },
  })
  const withQuery = (fields: ConstructorParameters<typeof GraphQLObjectType>[0]['fields'], others: never[] = []) =>
    new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', description: 'Reads.', fields }), types: others })

  test('it keeps the rules: then it is not', () => {
    expect(() => assertSchemaRules(withQuery(number('open', scoped)))).not.toThrow()
  })
  test('a root field names no scope', () => {
    expect(() => assertSchemaRules(withQuery(number('open')))).toThrow('Query.open names no scope')
  })
  test('a field has no description, or one without a full stop', () => {
    expect(() => assertSchemaRules(withQuery(number('a', scoped, '')))).toThrow('Query.a needs a description')
    expect(() => assertSchemaRules(withQuery(number('a', scoped, 'A number')))).toThrow('Query.a needs a description')
  })
  test('an enum value has no description', () => {
    const type = new GraphQLEnumType({ name: 'Size', description: 'A size.', values: { BIG: {} } })
    const schema = withQuery({ size: { type, description: 'A size.', extensions: scoped } })
    expect(() => assertSchemaRules(schema)).toThrow('Size.BIG needs a description')
  })
  test('a field below the root dials out only now and then', () => {
    const withInner = (dialsOut: unknown) => {
      const fields = number('far', { ...scoped, dialsOut })
      const type = new GraphQLObjectType({ name: 'Inner', description: 'Inside.', fields })
      return withQuery({ inner: { type, description: 'Inside.', extensions: scoped } })
    }
    expect(() => assertSchemaRules(withInner(() => true))).toThrow('Inner.far dials out depending on its arguments')
    expect(() => assertSchemaRules(withInner(true))).not.toThrow()
  })
  test('a field that may be asked for by GET takes a configuration', () => {
    const config = new GraphQLInputObjectType({
      name: 'ConnectorConfigPatch',
      description: 'A configuration.',
      fields: { host: { type: GraphQLInt, description: 'A host.' } },
    })
    const input = new GraphQLInputObjectType({
      name: 'Input',
      description: 'An input.',
      fields: { draft: { type: config, description: 'A draft.' } },
    })
    const withField = (extensions: object) =>
      withQuery({
        check: {
          type: new GraphQLNonNull(GraphQLInt),
          description: 'A check.',
          args: { input: { type: new GraphQLNonNull(input), description: 'An input.' } },
          extensions: { ...scoped, ...extensions },
        },
      })
    expect(() => assertSchemaRules(withField({}))).toThrow('Query.check takes secrets but may be asked for by GET')
    expect(() => assertSchemaRules(withField({ postOnly: true }))).not.toThrow()
    expect(() => assertSchemaRules(withField({ dialsOut: true }))).not.toThrow()
  })
  test('a field leads from one noun to another without a scope of its own', () => {
    const guarded = builtIn.getType('Dataset')
    const field = isObjectType(guarded) ? guarded.getFields()['connector'] : undefined
    expect(field?.extensions['pothosOptions']).toMatchObject({ authScopes: { scope: 'connectors:read' } })
    const unguarded = buildSchema(new ConnectorRegistry(builtInConnectorTypes))
    const dataset = unguarded.getType('Dataset')
    const forgotten = isObjectType(dataset) ? dataset.getFields()['connector'] : undefined
    if (forgotten) forgotten.extensions = {}
    expect(() => assertSchemaRules(unguarded)).toThrow('Dataset.connector names no scope')
  })
})

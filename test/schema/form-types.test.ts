import { type GraphQLSchema, graphql, isEnumType, isInputObjectType, isObjectType, printType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { ConnectorType } from '../../src/connectors/define.ts'
import { block, choice, defineForm, type Form, field, secret } from '../../src/connectors/form.ts'
import type { JsonObject } from '../../src/connectors/json.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import { createBuilder } from '../../src/schema/builder.ts'
import { buildFormTypes, configInputSchema, queryInputSchema } from '../../src/schema/form-types.ts'
import { ValidationError } from '../../src/services/errors.ts'
import { madeUpType, proxyBlock } from '../connectors/made-up-form.ts'

const stored: JsonObject = {
  baseUrl: 'https://a',
  auth: { cloud: { deployment: { serverless: true } } },
  maxBytes: 2 ** 40,
  headers: [
    { name: 'plain', value: 'shown', isSecret: false },
    { name: 'hidden', isSecret: true },
  ],
}

/** A schema with a field that takes each root input and one that shows each output. */
function schemaOf(types: readonly ConnectorType[]): GraphQLSchema {
  const builder = createBuilder(new ConnectorRegistry(types))
  const forms = buildFormTypes(builder, types)
  builder.scalarType('JSON', { serialize: value => value, parseValue: value => value as JsonObject })
  const input = builder.inputType('EchoInput', {
    // What root inputs of the API do: their schema checks the forms in them.
    validate: {
      schema: z.looseObject({ config: configInputSchema(types).nullish(), query: queryInputSchema(types).nullish() }),
    },
    fields: t => ({
      config: t.field({ type: forms.configInput, required: false }),
      patch: t.field({ type: forms.configPatch, required: false }),
      query: t.field({ type: forms.queryInput, required: false }),
    }),
  })
  builder.queryType({
    fields: t => ({
      echo: t.field({ type: 'JSON', args: { input: t.arg({ type: input }) }, resolve: (_root, args) => args.input }),
      ...Object.fromEntries(
        [...forms.outputs].flatMap(([name, { config, query }]) => [
          [name, t.field({ type: config, resolve: () => stored })],
          [`${name}_QUERY`, t.field({ type: query, resolve: () => ({ path: { path: '/p' } }) })],
        ]),
      ),
    }),
  })
  return builder.toSchema()
}

const madeUp = madeUpType('MADE_UP', 'madeUp')
const schema = schemaOf([madeUp])
const run = (source: string, input?: unknown) =>
  graphql({ schema, source, variableValues: { input }, contextValue: { viewer: { scopes: new Set() } } })
const echo = (input: unknown) => run('query ($input: EchoInput!) { echo(input: $input) }', input)
const withoutDescriptions = (sdl: string) => sdl.replaceAll(/ *"""[\s\S]*?"""\n/g, '').replaceAll(/\n\n+/g, '\n')
const sdl = (...names: string[]) =>
  names
    .map(name => {
      const type = schema.getType(name)
      return type ? withoutDescriptions(printType(type)) : `no type ${name}`
    })
    .join('\n')

describe('GraphQL types of a form', () => {
  test('inputs have defaults, patches are all optional, outputs have no secrets', () => {
    expect(sdl('MadeUpConfigInput', 'MadeUpConfigPatch', 'MadeUpConfig')).toMatchInlineSnapshot(`
      "input MadeUpConfigInput {
        auth: MadeUpAuthInput!
        baseUrl: String!
        headers: [MadeUpHeadersInput!]! = []
        hosts: [MadeUpHostsInput!]
        limits: MadeUpLimitsInput! = {burst: {}}
        maxBytes: Float
        mode: MadeUpMode! = SAFE
        modes: [AccessMode!]
        proxy: ProxyInput
        ratio: Float! = 0.5
        retries: Int! = 3
        routes: [MadeUpRoutesInput!]! = []
        tags: [String!]! = []
        title: String
      }
      input MadeUpConfigPatch {
        auth: MadeUpAuthPatch
        baseUrl: String
        headers: [MadeUpHeadersPatch!]
        hosts: [MadeUpHostsInput!]
        limits: MadeUpLimitsPatch
        maxBytes: Float
        mode: MadeUpMode
        modes: [AccessMode!]
        proxy: ProxyPatch
        ratio: Float
        retries: Int
        routes: [MadeUpRoutesPatch!]
        tags: [String!]
        title: String
      }
      type MadeUpConfig {
        auth: MadeUpAuth!
        baseUrl: String!
        headers: [MadeUpHeaders!]!
        hosts: [MadeUpHosts!]
        limits: MadeUpLimits!
        maxBytes: Float
        mode: MadeUpMode!
        modes: [AccessMode!]
        proxy: Proxy
        ratio: Float!
        retries: Int!
        routes: [MadeUpRoutes!]!
        tags: [String!]!
        title: String
      }"
    `)
  })

  test('alternatives are @oneOf in inputs and carry their kind in outputs', () => {
    expect(
      sdl(
        'ConnectorConfigInput',
        'MadeUpAuthInput',
        'MadeUpAuthPatch',
        'MadeUpAuth',
        'MadeUpAuthKind',
        'MadeUpAuthCloudInput',
        'MadeUpAuthCloudPatch',
        'MadeUpAuthCloud',
        'MadeUpAuthCloudDeploymentInput',
        'DatasetQueryInput',
        'MadeUpDatasetQueryInput',
        'MadeUpDatasetQuery',
      ),
    ).toMatchInlineSnapshot(`
      "input ConnectorConfigInput @oneOf {
        madeUp: MadeUpConfigInput
      }
      input MadeUpAuthInput @oneOf {
        basic: MadeUpAuthBasicInput
        cloud: MadeUpAuthCloudInput
        none: Boolean
        token: MadeUpAuthTokenInput
      }
      input MadeUpAuthPatch @oneOf {
        basic: MadeUpAuthBasicPatch
        cloud: MadeUpAuthCloudPatch
        none: Boolean
        token: MadeUpAuthTokenPatch
      }
      type MadeUpAuth {
        basic: MadeUpAuthBasic
        cloud: MadeUpAuthCloud
        kind: MadeUpAuthKind!
      }
      enum MadeUpAuthKind {
        BASIC
        CLOUD
        NONE
        TOKEN
      }
      input MadeUpAuthCloudInput {
        accessKey: String!
        deployment: MadeUpAuthCloudDeploymentInput! = {serverless: true}
        sessionToken: String
      }
      input MadeUpAuthCloudPatch {
        accessKey: String
        deployment: MadeUpAuthCloudDeploymentPatch
        sessionToken: String
      }
      type MadeUpAuthCloud {
        deployment: MadeUpAuthCloudDeployment!
      }
      input MadeUpAuthCloudDeploymentInput @oneOf {
        cluster: MadeUpAuthCloudDeploymentClusterInput
        serverless: Boolean
      }
      input DatasetQueryInput @oneOf {
        madeUp: MadeUpDatasetQueryInput
      }
      input MadeUpDatasetQueryInput @oneOf {
        everything: Boolean
        path: MadeUpDatasetQueryPathInput
      }
      type MadeUpDatasetQuery {
        kind: MadeUpDatasetQueryKind!
        path: MadeUpDatasetQueryPath
      }"
    `)
  })

  test('items with secrets can be patched by name, others are replaced whole', () => {
    expect(
      sdl(
        'MadeUpHeadersInput',
        'MadeUpHeadersPatch',
        'MadeUpHeaders',
        'MadeUpHostsInput',
        'MadeUpHostsPatch',
        'Proxy',
        'ProxyPatch',
      ),
    ).toMatchInlineSnapshot(`
      "input MadeUpHeadersInput {
        isSecret: Boolean! = false
        name: String!
        value: String!
        weight: Int
      }
      input MadeUpHeadersPatch {
        isSecret: Boolean
        name: String!
        value: String
        weight: Int
      }
      type MadeUpHeaders {
        isSecret: Boolean!
        name: String!
        value: String
        weight: Int
      }
      input MadeUpHostsInput {
        host: String!
        port: Int! = 5
      }
      no type MadeUpHostsPatch
      type Proxy {
        host: String!
        port: Int!
      }
      input ProxyPatch {
        host: String
        password: String
        port: Int
      }"
    `)
  })

  test('everything has a description that is a sentence', () => {
    const generated = Object.values(schema.getTypeMap()).filter(type =>
      /^(MadeUp|Proxy|AccessMode|Connector|Dataset)/.test(type.name),
    )
    expect(generated.length).toBeGreaterThan(20)
    for (const type of generated) {
      const parts =
        isObjectType(type) || isInputObjectType(type)
          ? Object.values(type.getFields())
          : isEnumType(type)
            ? type.getValues()
            : []
      expect(parts.length).toBeGreaterThan(0)
      for (const part of [type, ...parts]) expect(part.description, `${type.name} ${part.name}`).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('a block that several types share is one type', () => {
    const shared = schemaOf([
      madeUp,
      madeUpType(
        'OTHER',
        'other',
        defineForm({ sections: [{ id: 'network', label: 'Network' }], fields: { proxy: proxyBlock } }),
      ),
    ])
    expect(shared.getType('OtherConfigInput')?.toConfig()).toHaveProperty(
      'fields.proxy.type.ofType',
      shared.getType('ProxyInput'),
    )
  })

  const proxy = (label: string) => block({ host: field(z.string(), { label }) }, { label: 'Proxy', typeName: 'Proxy' })
  const size = (value: string) =>
    choice({ [value]: { label: 'Size', help: 'A size.' } }, { label: 'Size', typeName: 'Size' })
  const conflicts: { readonly [name: string]: readonly [z.ZodRawShape, z.ZodRawShape] } = {
    ProxyInput: [{ proxy: proxy('Host') }, { proxy: proxy('Machine') }],
    Size: [{ size: size('BIG') }, { size: size('SMALL') }],
  }
  test.each(Object.entries(conflicts))('two different things cannot both be %s', (name, [one, two]) => {
    const types = [madeUpType('A', 'a', defineForm({ fields: one })), madeUpType('B', 'b', defineForm({ fields: two }))]
    expect(() => schemaOf(types)).toThrow(`"${name}"`)
  })

  test('forms that no type can be made of are refused at start', () => {
    const onlySecrets = defineForm({ fields: { key: secret(z.string(), { label: 'Key' }) } })
    expect(() => schemaOf([madeUpType('A', 'a', onlySecrets)])).toThrow('nothing but secrets')
    expect(() => schemaOf([{ ...madeUp, queryForm: onlySecrets }])).toThrow('a query cannot hold secrets')
    const unsupported: Form = defineForm({ fields: { when: field(z.date(), { label: 'When' }) } })
    expect(() => schemaOf([madeUpType('A', 'a', unsupported)])).toThrow('A: form field "when"')
  })
})

describe('values of the types of a form', () => {
  test('inputs reach resolvers as they were given, with the defaults of the schema', async () => {
    const config = { madeUp: { baseUrl: 'https://a', auth: { none: true }, title: null, proxy: null } }
    const { data, errors } = await echo({ config, query: { madeUp: { everything: true } } })
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      echo: { config: { madeUp: { ...config.madeUp, retries: 3, mode: 'SAFE', limits: { burst: {} } } } },
    })
  })

  test('all issues of a form arrive at once, each at its path', async () => {
    const headers = [{ name: 'a', value: '' }]
    const config = { madeUp: { baseUrl: 'ftp://a', auth: { none: false }, retries: 11, headers } }
    const { errors } = await echo({ config, query: { madeUp: { path: { path: '' } } } })
    const refusal = errors?.[0]?.originalError
    expect(refusal).toBeInstanceOf(ValidationError)
    expect((refusal as ValidationError).issues.map(issue => issue.inputPath.join('/'))).toEqual([
      'config/madeUp/baseUrl',
      'config/madeUp/auth/none',
      'config/madeUp/retries',
      'config/madeUp/headers/0/value',
      'query/madeUp/path/path',
    ])
  })

  test('patches are not completed: what is left out stays out, null stays null', async () => {
    const patch = { madeUp: { retries: null, limits: { burst: {} }, headers: [{ name: 'a' }] } }
    const { data } = await echo({ patch })
    expect(data).toEqual({ echo: { patch } })
  })

  test('outputs show stored configurations, with defaults that the form gained since', async () => {
    const { data, errors } = await run(`{ MADE_UP {
      baseUrl title retries maxBytes mode tags
      auth { kind basic { username } cloud { deployment { kind cluster { clusterId } } } }
      headers { name value isSecret } proxy { host } limits { seconds burst { size } }
    } MADE_UP_QUERY { kind path { path } } }`)
    expect(errors).toBeUndefined()
    expect(data).toEqual({
      MADE_UP: {
        baseUrl: 'https://a',
        title: null,
        retries: 3,
        maxBytes: 2 ** 40,
        mode: 'SAFE',
        tags: [],
        auth: { kind: 'CLOUD', basic: null, cloud: { deployment: { kind: 'SERVERLESS', cluster: null } } },
        headers: [
          { name: 'plain', value: 'shown', isSecret: false },
          { name: 'hidden', value: null, isSecret: true },
        ],
        proxy: null,
        limits: { seconds: 10, burst: { size: 5 } },
      },
      MADE_UP_QUERY: { kind: 'PATH', path: { path: '/p' } },
    })
  })
})

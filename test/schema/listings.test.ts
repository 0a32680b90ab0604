import { describe, expect, test, vi } from 'vitest'
import { problem } from '../../src/connectors/problem.ts'
import { BadCursorError } from '../../src/db/keyset.ts'
import { RateLimitedError, SecretReentryRequiredError, ValidationError } from '../../src/services/errors.ts'
import type { ListingService } from '../../src/services/listings.ts'
import type { Scope } from '../../src/services/viewer.ts'
import { connectorRow, dataOf, schemaWorld } from './schema-world.ts'

const connectors = { find: async () => connectorRow('c1') }
const worldOf = (listings: Partial<ListingService>, scopes?: readonly Scope[]) =>
  schemaWorld({ connectors, listings }, scopes)

const catalogOf = (args: string, selection: string) =>
  `{ connector(by: { name: "x" }) { catalog${args} { __typename ... on ConnectorCatalogSuccess { entries { ${selection} } } } } }`
const optionsOf = (input: string, selection: string) =>
  `{ connectorFieldOptions(input: ${input}) { __typename ... on ConnectorFieldOptionsSuccess { options { ${selection} } } } }`

describe('Connector.catalog', () => {
  test('asks for what is asked for, and shows what is listed', async () => {
    const catalog = vi.fn<ListingService['catalog']>(async () => ({
      items: [
        {
          name: 'orders',
          path: ['shop', 'orders'],
          kind: 'TABLE',
          nativeKind: 'BASE TABLE',
          hasChildren: true,
          comment: 'Ordered.',
          sizeBytes: 5_000_000_000,
          query: { sql: 'select 1' },
          problem: problem('PERMISSION_DENIED'),
        },
        {
          name: 'id',
          path: ['shop', 'id'],
          kind: 'COLUMN',
          hasChildren: false,
          column: { nativeType: 'int4', type: 'INTEGER' },
        },
      ],
      endCursor: 'next',
      problem: problem('CONNECTION_RESET', { params: { host: 'db' } }),
    }))
    const world = worldOf({ catalog })
    const selection = `nodes {
      path name kind nativeKind hasChildren comment sizeBytes datasetQuery
      column { nativeType type isNullable } problem { code }
    } hasNextPage endCursor problem { code }`
    const args = '(path: ["shop"], first: 7, after: "a", search: "o", mayStartCompute: true)'
    const nothing = { nativeKind: null, comment: null, sizeBytes: null, datasetQuery: null, problem: null }
    expect(dataOf(await world.run(catalogOf(args, selection)))).toEqual({
      connector: {
        catalog: {
          __typename: 'ConnectorCatalogSuccess',
          entries: {
            nodes: [
              {
                path: ['shop', 'orders'],
                name: 'orders',
                kind: 'TABLE',
                nativeKind: 'BASE TABLE',
                hasChildren: true,
                comment: 'Ordered.',
                sizeBytes: 5_000_000_000,
                datasetQuery: { madeUp: { sql: 'select 1' } },
                column: null,
                problem: { code: 'PERMISSION_DENIED' },
              },
              {
                ...nothing,
                path: ['shop', 'id'],
                name: 'id',
                kind: 'COLUMN',
                hasChildren: false,
                column: { nativeType: 'int4', type: 'INTEGER', isNullable: null },
              },
            ],
            hasNextPage: true,
            endCursor: 'next',
            problem: { code: 'CONNECTION_RESET' },
          },
        },
      },
    })
    const { viewer, signal } = world.context
    const asked = { path: ['shop'], first: 7, after: 'a', search: 'o', mayStartCompute: true }
    expect(catalog.mock.calls).toEqual([[viewer, connectorRow('c1'), asked, signal]])
  })

  test('asks for the beginning of the highest level unless told otherwise', async () => {
    const catalog = vi.fn<ListingService['catalog']>(async () => ({ items: [], endCursor: null, problem: null }))
    const data = dataOf(await worldOf({ catalog }).run(catalogOf('', 'hasNextPage endCursor problem { code }')))
    expect(data).toMatchObject({
      connector: { catalog: { entries: { hasNextPage: false, endCursor: null, problem: null } } },
    })
    expect(catalog.mock.calls[0]?.[2]).toEqual({
      path: [],
      first: 50,
      after: null,
      search: null,
      mayStartCompute: false,
    })
  })

  test('has refusals as data, and a cursor that does not fit as an error', async () => {
    const refuse = (error: Error) => worldOf({ catalog: () => Promise.reject(error) }).run(catalogOf('', 'endCursor'))
    for (const error of [new ValidationError([]), new RateLimitedError(2)]) {
      expect(dataOf(await refuse(error))).toEqual({ connector: { catalog: { __typename: error.constructor.name } } })
    }
    expect((await refuse(new BadCursorError())).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('is for those who may read rows', async () => {
    const { errors } = await worldOf({}, ['connectors:read', 'datasets:read']).run(catalogOf('', 'endCursor'))
    expect(errors).toMatchObject([{ path: ['connector', 'catalog'], extensions: { code: 'FORBIDDEN' } }])
  })
})

describe('connectorFieldOptions', () => {
  test.each([
    ['saved: { externalKey: "k" }', { saved: { externalKey: 'k' } }],
    ['draft: { madeUp: { title: "a" } }', { draft: { inputKey: 'madeUp', value: { title: 'a' } } }],
    [
      'edit: { connector: { name: "n" }, config: { other: { title: null } } }',
      { edit: { connector: { name: 'n' }, config: { inputKey: 'other', value: { title: null } } } },
    ],
  ])('asks for values with what is given: %s', async (target, asked) => {
    const fieldOptions = vi.fn<ListingService['fieldOptions']>(async () => ({
      items: [{ value: 'w1', label: 'Reporting', help: 'stopped' }, { value: 'w2' }],
      endCursor: 'next',
      problem: problem('PERMISSION_DENIED'),
    }))
    const world = worldOf({ fieldOptions })
    const input = `{ target: { ${target} }, field: "title", first: 3, after: "a", search: "s", mayStartCompute: true }`
    const selection = 'nodes { value label help } hasNextPage endCursor problem { code }'
    expect(dataOf(await world.run(optionsOf(input, selection)))).toEqual({
      connectorFieldOptions: {
        __typename: 'ConnectorFieldOptionsSuccess',
        options: {
          nodes: [
            { value: 'w1', label: 'Reporting', help: 'stopped' },
            { value: 'w2', label: 'w2', help: null },
          ],
          hasNextPage: true,
          endCursor: 'next',
          problem: { code: 'PERMISSION_DENIED' },
        },
      },
    })
    const { viewer, signal } = world.context
    const page = { first: 3, after: 'a', search: 's', mayStartCompute: true }
    expect(JSON.parse(JSON.stringify(fieldOptions.mock.calls[0]?.[1]))).toEqual({
      target: asked,
      field: 'title',
      ...page,
    })
    expect(fieldOptions.mock.calls[0]?.[0]).toBe(viewer)
    expect(fieldOptions.mock.calls[0]?.[2]).toBe(signal)
  })

  const input = '{ target: { draft: { madeUp: {} } }, field: "title" }'

  test('has refusals as data, and a cursor that does not fit as an error', async () => {
    const refuse = (error: Error) =>
      worldOf({ fieldOptions: () => Promise.reject(error) }).run(optionsOf(input, 'endCursor'))
    for (const error of [new ValidationError([]), new RateLimitedError(2), new SecretReentryRequiredError([], [])]) {
      expect(dataOf(await refuse(error))).toEqual({ connectorFieldOptions: { __typename: error.constructor.name } })
    }
    expect((await refuse(new BadCursorError())).errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })

  test('is for those who may test connections', async () => {
    const others: readonly Scope[] = ['connectors:read', 'connectors:write', 'datasets:query']
    const { errors } = await worldOf({}, others).run(optionsOf(input, 'endCursor'))
    expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }])
  })
})

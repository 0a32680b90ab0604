import { describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { HostilePostgres, type Script } from '../../servers/hostile-postgres.ts'
import {
  complete,
  dataRow,
  errorResponse,
  ready,
  rowDescription,
  type Value,
} from '../../servers/hostile-postgres-messages.ts'
import { config, password } from './hostile-run.ts'
import { browse, expectListingProblem, optionsFor } from './listing-expectations.ts'

/** Rows in the place of whatever a list asks for first. */
const rows = (columns: readonly string[], ...values: readonly (readonly Value[])[]): Script => ({
  LISTING: () => rowDescription(columns.map(name => ({ name }))),
  LISTING_ROWS: () => Buffer.concat([...values.map(dataRow), complete(`SELECT ${values.length}`)]),
})
const schemas = (...values: readonly (readonly Value[])[]) => rows(['name', 'usable', 'comment'], ...values)
const many = (count: number) => Array.from({ length: count }, (_, index) => [`s${index}`, 't', null])

const nothingLeft = (server: HostilePostgres) => vi.waitFor(() => expect(server.openConnections).toBe(0))

async function listOn(at: Script, path: readonly string[] = []) {
  await using server = await HostilePostgres.start({ password, at })
  const listing = await browse(config(server.port, 'clear'), path, { first: 10 })
  await nothingLeft(server)
  return listing
}

async function problemOf(at: Script, code: ProblemCode, path?: readonly string[]): Promise<Problem> {
  const listing = await listOn(at, path)
  expect([listing.items, listing.next]).toEqual([[], null])
  return expectListingProblem(listing, code, 'DOUBLE')
}

describe('a list of a hostile PostgreSQL server', () => {
  it.each<[string, Script, ProblemCode, RegExp]>([
    ['that answers with nulls', schemas([null, 't', null]), 'PROTOCOL_VIOLATION', /"name"/],
    ['that answers in words', schemas(['public', 'perhaps', null]), 'PROTOCOL_VIOLATION', /"usable"/],
    ['that answers other questions', rows(['answer'], ['42']), 'PROTOCOL_VIOLATION', /no usable value/],
    ['that answers with more than anybody asks for', schemas(...many(2_000)), 'PROTOCOL_VIOLATION', /more rows/],
    [
      'that floods',
      schemas(...many(30).map(([name]) => [`${name}`, 't', 'x'.repeat(1_000_000)])),
      'PROTOCOL_VIOLATION',
      /16 MB/,
    ],
    ['that refuses', { LISTING_ROWS: () => errorResponse('42501', 'not for you') }, 'PERMISSION_DENIED', /not for you/],
    [
      'that knows no such function',
      { LISTING_ROWS: () => errorResponse('42883', 'what is that?') },
      'UNCLASSIFIED',
      /what is that/,
    ],
    ['that hangs up', { LISTING: peer => void peer.socket.destroy() }, 'CONNECTION_RESET', /./],
    [
      'that is in no transaction',
      { BEGIN: () => Buffer.concat([complete('BEGIN'), ready('I')]) },
      'PROTOCOL_VIOLATION',
      /in none/,
    ],
  ])('%s has nothing in it, and says why', async (_, at, code, words) => {
    const { message, detail } = await problemOf(at, code)
    expect(`${message} ${detail}`).toMatch(words)
  })

  it('is no longer than was asked for', async () => {
    const { items, next, problem } = await listOn(schemas(...many(500)))
    expect([items.length, next, problem]).toEqual([10, 's9', null])
  })

  it('does not believe numbers that are none, and puts none of what it is told into statements', async () => {
    const injected = rows(['oid', 'usable'], ['1; drop table x', 't'])
    expect((await problemOf(injected, 'PROTOCOL_VIOLATION', ['public'])).message).toContain('"oid"')
  })

  it('asks no other database when the account is at fault', async () => {
    for (const [state, code] of [
      ['28P01', 'CREDENTIALS_REJECTED'],
      ['53300', 'TOO_MANY_CONNECTIONS'],
    ] as const) {
      const at: Script = {
        STARTUP: async peer => {
          await peer.send(errorResponse(state, 'no', 'FATAL'))
          peer.socket.end()
        },
      }
      await using server = await HostilePostgres.start({ password, at })
      expectListingProblem(await optionsFor(config(server.port, 'clear'), 'database'), code, 'DOUBLE')
      expect(server.connections).toBe(1)
    }
  })

  it('asks at most four databases', async () => {
    const at: Script = {
      STARTUP: async peer => {
        await peer.send(errorResponse('3D000', 'database does not exist', 'FATAL'))
        peer.socket.end()
      },
    }
    await using server = await HostilePostgres.start({ password, at })
    const input = { ...config(server.port, 'clear'), database: 'shop' }
    const problem = expectListingProblem(await optionsFor(input, 'database'), 'DATABASE_NOT_FOUND', 'DOUBLE')
    expect(problem.params['database']).toBe('shop')
    expect(server.connections).toBe(4)
  })
})

import { describe, expect, it } from 'vitest'
import { isRecord } from '../../../src/connectors/form-tree-walk.ts'
import { accountWith } from '../../servers/snowflake-account.ts'
import type { SnowflakeCall, SnowflakeDoubleOptions, SnowflakeRequest } from '../../servers/snowflake-double.ts'
import {
  account,
  byPassword,
  queryAt,
  type SnowflakeScene,
  sql,
  startSnowflake,
  stepIds,
  testAt,
} from './snowflake-run.ts'

/** What stands in the place of something: of every type but its own. */
const others: readonly unknown[] = [null, 7, 'x'.repeat(300), [['y']], { z: {} }]

/** Every place in a value, down to what lies some levels below it. */
function placesIn(value: unknown, depth: number): readonly (readonly string[])[] {
  if (depth === 0 || !(isRecord(value) || Array.isArray(value))) return []
  return Object.entries(value)
    .slice(0, 30)
    .flatMap(([key, inner]) => [[key], ...placesIn(inner, depth - 1).map(path => [key, ...path])])
}

function replaced(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, other) : item))
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, other) }
}

const isOurs =
  /Cannot read|is not a function|is not iterable|undefined|\[object|not valid JSON|Something else was asked/

/** Small: each place of what it answers is replaced. */
const small = accountWith({
  ...account,
  roles: {
    READER: [
      'USAGE ON WAREHOUSE COMPUTE_WH',
      'USAGE ON DATABASE SALES',
      'USAGE ON SCHEMA SALES.PUBLIC',
      'SELECT ON TABLE SALES.PUBLIC.NUMBERS',
    ],
  },
  warehouses: { COMPUTE_WH: {} },
  databases: { SALES: { PUBLIC: { NUMBERS: { columns: [{ name: 'N', type: 'text' }], rows: [['one']] } } } },
})
const input = byPassword({ limits: { statementTimeoutSeconds: 1 } })
/** For answers that come at once: a busy machine may take long to sign in. */
const patient = byPassword({ limits: { statementTimeoutSeconds: 20 } })

/** A question of a run: which call, and of queries which statement. */
interface Question {
  readonly call: SnowflakeCall
  readonly sql: string
}

/** Without the number that a limit may be. */
const keyOf = ({ call, sql: text, body }: SnowflakeRequest) =>
  `${call} ${text}${body['describeOnly'] === true ? ' (described)' : ''}`

/** The answers of the run that passes, each once. */
async function soundAnswers(): Promise<ReadonlyMap<string, { readonly answer: unknown; readonly question: Question }>> {
  const answers = new Map<string, { answer: unknown; question: Question }>()
  const keep = (answer: never, request: SnowflakeRequest) => {
    answers.set(keyOf(request), { answer, question: request })
    return answer
  }
  await using scene = await startSnowflake({ account: small, changes: { signIn: keep, query: keep } })
  await runBoth(scene)
  return answers
}

async function runBoth(scene: SnowflakeScene, given = input): Promise<readonly string[]> {
  const reports = await testAt(scene, given, {
    budgetsMs: { SIGN_IN: 600, OPEN: 600, TOPOLOGY: 600, READ: 600, LEAST_PRIVILEGE: 600 },
  })
  expect(Object.keys(reports)).toEqual(stepIds)
  const outcome = await queryAt(scene, sql('select n from numbers'), { input: given }).catch((error: unknown) => ({
    error: String(error),
  }))
  return [JSON.stringify(Object.values(reports).map(report => report?.problem)), JSON.stringify(outcome)]
}

describe('an answer with something else in it than Snowflake has there', () => {
  it('is a problem of a step or none, and never a fault of ours', { timeout: 300_000 }, async () => {
    const answers = await soundAnswers()
    expect(answers.size).toBeGreaterThan(8)
    const strange: string[] = []
    let tried = 0
    for (const [key, { answer, question }] of answers) {
      const isWhole = question.call === 'signIn' || question.sql.includes('numbers')
      // Of the other statements what they have told: what surrounds it is the same for all.
      const places = placesIn(answer, isWhole ? 3 : 4).filter(
        ([, name = '', ...rest]) => isWhole || (['rowset', 'rowtype'].includes(name) && rest.length < 3),
      )
      for (const [nth, place] of places.slice(0, isWhole ? 60 : 8).entries()) {
        // Each place has another stranger in it; all of them would take minutes.
        const other = others[nth % others.length]
        const change = (given: never, request: SnowflakeRequest) =>
          keyOf(request) === key ? replaced(given, place, other) : given
        const changes: SnowflakeDoubleOptions['changes'] = { [question.call]: change }
        await using scene = await startSnowflake({ account: small, changes })
        tried += 1
        for (const told of await runBoth(scene)) {
          if (isOurs.test(told) || told.startsWith('{"error"'))
            strange.push(`${key} ${place.join('.')} = ${JSON.stringify(other)}: ${told}`)
        }
      }
    }
    expect(tried).toBeGreaterThan(100)
    expect(strange).toEqual([])
  })

  it('that is no answer at all at any call is told as that, and nobody signs in twice', {
    timeout: 120_000,
  }, async () => {
    for (const call of ['signIn', 'query', 'abort', 'close'] as const) {
      for (const body of ['', 'null', '[]', '7', '"x"', '{"success":"yes"}', '{"success":true}', '<html>']) {
        const headers = { 'content-type': 'application/json' }
        await using scene = await startSnowflake({ account: small, at: { [call]: { status: 200, headers, body } } })
        const told = await runBoth(scene, patient)
        expect(
          told.filter(text => isOurs.test(text)),
          `${call}: ${body}`,
        ).toEqual([])
        expect(scene.double.count('signIn'), `${call}: ${body}`).toBe(2)
      }
    }
  })

  it('with the names of a great many tables is read as far as anybody wants', { timeout: 60_000 }, async () => {
    const tables = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, nth) => [`T${nth}`, { columns: [{ name: 'N', type: 'text' } as const] }]),
    )
    const grants = Object.keys(tables).map(name => `SELECT ON TABLE SALES.PUBLIC.${name}`)
    const many = accountWith({
      ...small,
      roles: { READER: [...(small.roles['READER'] ?? []), ...grants] },
      databases: { SALES: { PUBLIC: tables } },
    })
    await using scene = await startSnowflake({ account: many })
    const reports = await testAt(scene, input)
    expect(reports.READ?.status).toBe('PASSED')
    expect(JSON.stringify(reports).length).toBeLessThan(30_000)
  })
})

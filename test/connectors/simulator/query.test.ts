import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { CommonType, QueryEnd, ResultColumn, Row } from '../../../src/connectors/define.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { columnKinds } from '../../../src/connectors/simulator/outcomes.ts'
import { runQuery } from '../../../src/connectors/simulator/query.ts'
import { queryForm, type SimulatorQuery } from '../../../src/connectors/simulator/query-form.ts'
import { environment } from '../host/made-up-host.ts'
import { simulated } from './simulate.ts'

interface Answer {
  readonly end: QueryEnd
  readonly columns: readonly ResultColumn[]
  readonly batches: readonly (readonly Row[])[]
  readonly rows: readonly Row[]
}

function parsed(query: object): SimulatorQuery {
  const result = validateForm(queryForm, query)
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result.value as SimulatorQuery
}

/** Runs a query here; the reader has enough after `maxRows`. */
async function ask(
  query: object,
  { config = {}, maxRows = Number.POSITIVE_INFINITY, signal = new AbortController().signal } = {},
): Promise<Answer> {
  const columns: ResultColumn[] = []
  const batches: (readonly Row[])[] = []
  const limits = { maxRows: 1_000, maxBytes: 1_000_000 }
  const end = await runQuery(
    simulated(config),
    parsed(query),
    { signal, environment, limits },
    {
      columns: told => void columns.push(...told),
      rows: async rows => {
        batches.push(rows)
        return batches.flat().length < maxRows
      },
      json: () => Promise.reject(new Error('The simulator gives its rows as values.')),
    },
  )
  return { end, columns, batches, rows: batches.flat() }
}

const complete = { kind: 'COMPLETE', truncated: false }
const kinds = Object.keys(columnKinds) as CommonType[]

/** What the API promises of a value of each kind. */
const shapes: Record<CommonType, (value: unknown) => boolean> = {
  TEXT: value => typeof value === 'string',
  INTEGER: value =>
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && !Number.isSafeInteger(Number(value)) && /^-?\d+$/.test(value)),
  DECIMAL: value => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value),
  FLOAT: value => Number.isFinite(value) || /^(NaN|-?Infinity)$/.test(String(value)),
  BOOLEAN: value => typeof value === 'boolean',
  DATE: value => /^\d{4}-\d\d-\d\d$/.test(String(value)),
  TIME: value => /^\d\d:\d\d:\d\d(\.\d+)?$/.test(String(value)),
  TIMESTAMP: value => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.test(String(value)),
  JSON: value => value !== undefined,
  BINARY: value => typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value,
  LIST: value => Array.isArray(value),
  OTHER: value => typeof value === 'string',
}

describe('rows', () => {
  it('of an empty query: twenty, with a column of each kind, nulls among them, always the same', async () => {
    const { end, columns, rows } = await ask({})
    expect(end).toEqual(complete)
    expect(columns.map(({ type }) => type)).toEqual(kinds)
    expect(new Set(columns.map(({ name }) => name)).size).toBe(columns.length)
    expect(rows).toHaveLength(20)
    expect(rows.flat()).toContain(null)
    expect((await ask({})).rows).toEqual(rows)
    expect((await ask({ seed: 2 })).rows).not.toEqual(rows)
  })

  it('have values as the API promises for each kind, with the awkward ones among them', async () => {
    const { columns, rows } = await ask({ rows: 300, nullEvery: 0 })
    for (const [index, { type }] of columns.entries()) {
      const values = rows.map(row => row[index])
      expect(
        values.filter(value => !shapes[type](value)),
        type,
      ).toEqual([])
      expect(new Set(values.map(value => JSON.stringify(value))).size, type).toBeGreaterThan(1)
      expect(JSON.parse(JSON.stringify(values)), type).toEqual(values)
    }
    const texts = JSON.stringify(rows)
    for (const awkward of [
      '9007199254740993',
      '👩🏽‍🚀',
      'مرحبا',
      '<b>',
      '\\n',
      '2024-02-29',
      'NaN',
      '[[1,2],[3,4]]',
      '""',
    ]) {
      expect(texts).toContain(awkward)
    }
  })

  it('are null as often as asked for', async () => {
    const { rows } = await ask({ rows: 1_000, columns: ['TEXT', 'BOOLEAN'], nullEvery: 4 })
    const nulls = rows.flat().filter(value => value === null).length
    expect(nulls).toBeGreaterThan(300)
    expect(nulls).toBeLessThan(700)
  })

  it('may be long and wide', async () => {
    const { rows } = await ask({ rows: 2, columns: ['TEXT'], repeatColumns: 10, textLength: 5_001, nullEvery: 0 })
    expect(rows.flat()).toHaveLength(20)
    for (const text of rows.flat())
      expect(text).toSatisfy((each: string) => each.length === 5_001 && each.isWellFormed())
    const wide = validateForm(queryForm, { repeatColumns: 100 })
    expect(wide.ok || wide.issues).toMatchObject([{ path: 'repeatColumns' }])
  })

  it('come batch by batch, and no more than the reader wants', async () => {
    const { batches, end } = await ask({ rows: 25, batchRows: 10 })
    expect(batches.map(batch => batch.length)).toEqual([10, 10, 5])
    expect(end).toEqual(complete)
    const cut = await ask({ rows: 1_000_000, batchRows: 10 }, { maxRows: 20 })
    expect(cut.rows).toHaveLength(20)
    expect(cut.end).toEqual({ kind: 'COMPLETE', truncated: true })
  })

  it('may be none', async () => {
    const { end, columns, rows } = await ask({ rows: 0, columns: ['DATE'] })
    expect([end, columns.length, rows]).toEqual([complete, 1, []])
  })
})

describe('a query that does not end well', () => {
  it('fails at once, or after some rows', async () => {
    const failing = { outcome: 'FAILED', problem: 'OBJECT_NOT_FOUND', detail: 'no such table' }
    const problem = { kind: 'PROBLEM', problem: { code: 'OBJECT_NOT_FOUND', detail: 'no such table' } }
    const atOnce = await ask(failing)
    expect(atOnce.end).toMatchObject(problem)
    expect([atOnce.columns, atOnce.rows]).toEqual([[], []])
    const later = await ask({ ...failing, afterRows: 7 })
    expect(later.end).toMatchObject(problem)
    expect(later.rows).toHaveLength(7)
  })

  it('hangs until its budget', async () => {
    const config = { previewBudgetMs: 100 }
    expect((await ask({ outcome: 'HANG' }, { config })).end).toMatchObject({
      problem: { code: 'STATEMENT_TIMED_OUT', params: { seconds: 0.1 } },
    })
    expect((await ask({ outcome: 'HANG', problem: 'CONNECTION_RESET' }, { config })).end).toMatchObject({
      problem: { code: 'CONNECTION_RESET' },
    })
    expect((await ask({ delayMs: 60_000 }, { config })).end).toMatchObject({ problem: { code: 'STATEMENT_TIMED_OUT' } })
  })

  it('stops when it is cancelled', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    for (const query of [{}, { outcome: 'HANG' }, { delayMs: 60_000 }]) {
      await expect(ask(query, { signal })).rejects.toThrow('enough')
    }
  })

  it('throws what nobody knows', async () => {
    await expect(ask({ outcome: 'THROW' })).rejects.toMatchObject({ code: 'ESIMULATED' })
  })
})

it('nothing of the simulator can look anything up, dial, read or write', () => {
  const folder = join(import.meta.dirname, '../../../src/connectors/simulator')
  const imported = globSync('*.ts', { cwd: folder }).flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name)
  })
  const outside = imported.filter(name => !/^\.{1,2}\/[\w-]+\.ts$/.test(name))
  expect([...new Set(outside)].sort()).toEqual(['../network/host-name.ts', 'node:timers/promises', 'zod'])
})

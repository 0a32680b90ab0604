import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/databricks/read-only-sql.ts'
import { expectQueryProblem, queryAt, resultOf, sql, startWorkspace } from './databricks-run.ts'
import { doubtfulStatements, effectfulStatements, readingStatements } from './read-only-corpus.ts'

describe('the statements of a Databricks dataset', () => {
  it('has a corpus that is worth the name', () => {
    expect(effectfulStatements.length).toBeGreaterThanOrEqual(60)
    expect(readingStatements.length).toBeGreaterThanOrEqual(40)
    expect(new Set([...effectfulStatements, ...readingStatements]).size).toBe(
      effectfulStatements.length + readingStatements.length,
    )
  })

  it.each([...effectfulStatements, ...doubtfulStatements])('are not %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'REFUSED', reason: expect.stringMatching(/\S/) })
  })

  it.each(readingStatements)('may be %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'READ' })
  })

  it('are not others, however they are written', () => {
    const writes = effectfulStatements.filter(
      text => /^[a-z][a-z ]+\b/.test(text) && !/^(?:select|with|from|show|explain|desc)/.test(text),
    )
    const noise = fc.constantFrom(' ', '\n', '\t', '/* x */', '-- x\n', "-- it's\n", '/* "; */')
    const cased = fc.constantFrom(
      (text: string) => text,
      (text: string) => text.toUpperCase(),
    )
    fc.assert(
      fc.property(fc.constantFrom(...writes), fc.array(noise, { maxLength: 4 }), cased, (text, before, write) => {
        const [verb = '', ...rest] = text.split(' ')
        const written = `${before.join('')}${write(verb)}${['', ...rest].join(' /**/ ')}`
        expect(judgeSql(written).kind, written).toBe('REFUSED')
        expect(judgeSql(`select 1;${written}`).kind, written).toBe('REFUSED')
      }),
    )
  })

  it('are refused before anybody is asked to run them', async () => {
    await using double = await startWorkspace()
    for (const text of effectfulStatements.filter(statement => statement !== '')) {
      const outcome = await queryAt(double, sql(text))
      expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] }, { about: text })
    }
    expect(double.connections).toBe(0)
  })

  it('arrive as they were written, where they only read', async () => {
    const one = { columns: [{ name: 'one', type: 'int' }], rows: [[1]] }
    await using double = await startWorkspace({ statements: () => one })
    for (const text of readingStatements) {
      const { rows } = resultOf(await queryAt(double, sql(text)))
      expect(rows, text).toEqual([[1]])
    }
    expect(double.writes).toEqual([])
    expect(double.statements.filter(text => text.includes('drop table orders')).length).toBeGreaterThan(0)
  })
})

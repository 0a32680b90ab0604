import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { statementTypes, textColumn } from '../../servers/snowflake-outcome.ts'
import { effectfulStatements, readingStatements } from './read-only-corpus.ts'
import { expectQueryProblem, queryAt, resultOf, type SnowflakeScene, sql, startSnowflake } from './snowflake-run.ts'

/** With what every session begins. */
const opening = /^(?:USE |SELECT CURRENT_USER)/
/** Takes anything for a query. */
const answersAll: SnowflakeDoubleOptions = {
  statements: text =>
    opening.test(text) ? undefined : { columns: [textColumn('SAID')], rows: [['yes']], typeId: statementTypes.SELECT },
}

describe('the statements of a Snowflake dataset', () => {
  let scene: SnowflakeScene
  beforeAll(async () => {
    scene = await startSnowflake(answersAll)
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  it('have a corpus that is worth the name', () => {
    expect(effectfulStatements.length).toBeGreaterThanOrEqual(60)
    expect(readingStatements.length).toBeGreaterThanOrEqual(40)
    expect(new Set([...effectfulStatements, ...readingStatements]).size).toBe(
      effectfulStatements.length + readingStatements.length,
    )
  })

  it.each(effectfulStatements)('are not %j, about which nobody is asked', async text => {
    const { connections } = scene.double
    const outcome = await queryAt(scene, sql(text)).catch((error: unknown) => String(error))
    // Of nothing at all the form says so itself.
    if (text.trim() !== '' || typeof outcome !== 'string') {
      if (typeof outcome === 'string') throw new Error(outcome)
      const { message } = expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
      expect(message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    }
    expect(scene.double.connections).toBe(connections)
  })

  it.each(readingStatements)('may be %j', async text => {
    expect(resultOf(await queryAt(scene, sql(text))).rows).toEqual([['yes']])
  })

  it('are not others, however they are written', async () => {
    const writes = effectfulStatements.filter(
      text => /^[a-z]{3,}[a-z ]+\b/.test(text) && !/^(?:select|with|show|explain|desc)/.test(text),
    )
    const noise = fc.constantFrom(' ', '\n', '\t', '/* x */', '-- x\n', "// it's\n", '/* "; */', '\u00a0', '\ufeff')
    const written = fc
      .tuple(fc.constantFrom(...writes), fc.array(noise, { maxLength: 4 }), fc.boolean())
      .map(([text, before, isUpper]) => before.join('') + (isUpper ? text.toUpperCase() : text))
    const { connections } = scene.double
    await fc.assert(
      fc.asyncProperty(written, async text => {
        expect(await queryAt(scene, sql(text)), text).toMatchObject({ problem: { code: 'QUERY_NOT_READ_ONLY' } })
        expect(await queryAt(scene, sql(`select 1;${text}`)), text).toMatchObject({
          problem: { code: 'QUERY_NOT_READ_ONLY' },
        })
      }),
    )
    expect(scene.double.connections).toBe(connections)
  })
})

describe('a statement that Snowflake takes for something else than a query', () => {
  it.each([
    ['INSERT', statementTypes.INSERT],
    ['COPY', statementTypes.COPY],
    ['UNLOAD', statementTypes.UNLOAD],
    ['DDL', statementTypes.DDL],
    ['USE', statementTypes.USE],
    ['a transaction', statementTypes.TRANSACTION],
    ['ALTER SESSION', statementTypes.ALTER_SESSION],
    ['something unknown', statementTypes.UNKNOWN],
  ])('is described and never run: %s', async (_, typeId) => {
    const effects: string[] = []
    await using scene = await startSnowflake({
      statements: text =>
        text.includes('looks_harmless')
          ? { columns: [textColumn('STATUS')], rows: [], typeId, effect: () => effects.push(text) }
          : undefined,
    })
    const outcome = await queryAt(scene, sql('select * from looks_harmless'))
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] })
    expect(effects).toEqual([])
    expect(scene.double.queries.some(({ describeOnly }) => describeOnly)).toBe(true)
    expect(scene.double.openSessions).toBe(0)
  })

  it('changes nothing in the account, and asks for one statement at a time', async () => {
    await using scene = await startSnowflake()
    resultOf(await queryAt(scene, sql('select * from orders')))
    const { double } = scene
    expect(double.changes).toEqual([])
    for (const { parameters } of double.queries) {
      expect([1, '1', undefined]).toContain(parameters['MULTI_STATEMENT_COUNT'])
    }
  })
})

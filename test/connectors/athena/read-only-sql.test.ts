import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/athena/read-only-sql.ts'
import { byKey, expectQueryProblem, queryAt, sql, startAws } from './athena-run.ts'
import { effectfulStatements, readingStatements } from './read-only-corpus.ts'

describe('the statements of an Athena dataset', () => {
  it('has a corpus that is worth the name', () => {
    expect(effectfulStatements.length).toBeGreaterThanOrEqual(50)
    expect(readingStatements.length).toBeGreaterThanOrEqual(25)
    expect(new Set([...effectfulStatements, ...readingStatements]).size).toBe(
      effectfulStatements.length + readingStatements.length,
    )
  })

  it.each(effectfulStatements)('are not %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'REFUSED', reason: expect.stringMatching(/\S/) })
  })

  it.each(readingStatements)('may be %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'READ' })
  })

  it('are not others, however they are written', () => {
    const writes = effectfulStatements.filter(
      text => /^[a-z][a-z ]+\b/.test(text) && !/^(?:select|with|show|explain|desc)/.test(text),
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

  it('are told by their text without what follows', () => {
    expect(judgeSql(' select 1 ; -- done')).toEqual({ kind: 'READ', text: ' select 1' })
  })

  it('name in their refusal what is to be left out', () => {
    expect(judgeSql('drop table orders')).toMatchObject({ reason: 'begins with DROP' })
    expect(judgeSql('explain analyze select 1')).toMatchObject({ reason: expect.stringContaining('ANALYZE') })
    expect(judgeSql("select * from table(m.system.query(query => ''))")).toMatchObject({
      reason: expect.stringContaining('m.system.query'),
    })
  })

  it('are refused before anybody is asked to run them', async () => {
    await using double = await startAws()
    for (const text of effectfulStatements.filter(statement => statement !== '')) {
      const outcome = await queryAt(double, byKey(), sql(text))
      expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] }, { about: text })
    }
    expect(double.connections).toBe(0)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/redshift/read-only-sql.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { effectfulStatements, readingStatements } from './read-only-corpus.ts'
import { expectQueryProblem, inputFor, queryRedshift } from './redshift-run.ts'

describe('the statements of a Redshift dataset', () => {
  it('has a corpus that is worth the name', () => {
    expect(effectfulStatements.length).toBeGreaterThanOrEqual(50)
    expect(new Set(effectfulStatements).size).toBe(effectfulStatements.length)
  })

  it.each(effectfulStatements)('are not %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'REFUSED', reason: expect.stringMatching(/\S/) })
  })

  it.each(readingStatements)('may be %j', text => {
    expect(judgeSql(text)).toMatchObject({ kind: 'READ' })
  })

  it('are told by their text without what follows', () => {
    expect(judgeSql(' select 1 ; -- done')).toEqual({ kind: 'READ', text: ' select 1' })
  })
})

/** PostgreSQL enforces READ ONLY, which Redshift has been shown by nobody to do: what is shown here is that nothing is sent. */
describe('the statements of a Redshift dataset, on a server (a PostgreSQL with the catalogue of Redshift)', () => {
  let facade: RedshiftFacade
  beforeAll(async () => {
    facade = await RedshiftFacade.start()
    await facade.sql(`
      create table orders (id int); insert into orders values (1);
      create role writer login password 'pw' superuser`)
  })
  afterAll(async () => {
    await facade?.[Symbol.asyncDispose]()
  })

  it('are refused before anybody is asked to run them', async () => {
    for (const text of effectfulStatements.filter(statement => statement !== '')) {
      const outcome = await queryRedshift(inputFor(facade, 'writer'), { sql: { text } })
      expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY', fields: ['sql.text'] }, { about: text })
    }
    expect(facade.statementsOf('writer')).toEqual([])
  })

  it('run in a transaction that cannot write, whatever the statement, and that is undone', async () => {
    await facade.sql(`
      create function sneaky() returns int language plpgsql as $$ begin insert into orders values (2); return 1; end $$`)
    const outcome = await queryRedshift(inputFor(facade, 'writer'), { sql: { text: 'select sneaky()' } })
    expectQueryProblem(outcome, { code: 'QUERY_NOT_READ_ONLY' })
    expect(await facade.sql('select id from orders')).toEqual([{ id: 1 }])
    expect(facade.statementsOf('writer').at(0)).toMatch(/^BEGIN READ ONLY; SELECT 1;/)
    expect(facade.statementsOf('writer').at(-1)).toBe('ROLLBACK')
  })
})

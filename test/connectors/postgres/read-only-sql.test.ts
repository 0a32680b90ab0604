import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeSql } from '../../../src/connectors/postgres/read-only-sql.ts'
import { quoteText } from '../../../src/connectors/postgres-protocol/quote.ts'
import { sqlTokens } from '../../../src/connectors/postgres-protocol/sql-tokens.ts'
import { quoteName } from '../../../src/connectors/sql/quote-name.ts'

const kindOf = (sql: string) => judgeSql(sql).kind
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(value => !value.includes('\0'))
/** Text full of what matters to the lexer. */
const awkward = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '\\',
      '$',
      '$$',
      '$a$',
      ';',
      '--',
      '/*',
      '*/',
      '\n',
      ' ',
      'delete from t',
      'E',
      'U&',
      ')',
      '(',
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''))
const anything = fc.oneof(text, awkward)

/** Ways to write any text as one literal or comment. */
const literal = anything.chain(value =>
  fc.constantFrom(
    quoteText(value),
    `'${value.replaceAll("'", "''")}'`,
    `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
    `$unlikely_tag$${value.replaceAll('$unlikely_tag$', '')}$unlikely_tag$`,
    `/* ${value.replaceAll(/\/\*|\*\//g, '').replaceAll(/[*/]/g, '')} */ 1`,
    `1 -- ${value.replaceAll(/[\r\n]/g, '')}\n`,
    `1 AS ${quoteName(value === '' ? 'x' : value)}`,
  ),
)

describe('judgeSql', () => {
  it('takes a literal, name or comment for what it is, whatever it holds', () => {
    fc.assert(
      fc.property(literal, value => kindOf(`SELECT ${value}`) === 'READ'),
      { numRuns: 2_000 },
    )
  })

  it('sees a second statement behind any literal, name or comment', () => {
    fc.assert(
      fc.property(literal, value => kindOf(`SELECT ${value}; DELETE FROM t`) === 'REFUSED'),
      { numRuns: 2_000 },
    )
  })

  it('judges alike whatever stands between the words', () => {
    const gap = fc.constantFrom(' ', '\n', '\t', ' /* x */ ', ' /* a /* nested */ b */ ', ' -- x\n', '\r\n')
    const statements = [
      'SELECT a FROM t',
      'WITH x AS ( DELETE FROM t RETURNING a ) SELECT * FROM x',
      'SELECT pg_read_file ( $$x$$ )',
      'DROP TABLE t',
      'SELECT 1 INTO t',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...statements),
        fc.array(gap, { minLength: 20, maxLength: 20 }),
        (statement, gaps) => {
          const words = statement.split(' ')
          const spread = words.map((word, index) => word + (gaps[index] ?? ' ')).join('')
          return kindOf(spread) === kindOf(statement)
        },
      ),
    )
  })

  it('never throws, and answers only text that is the given one or its beginning', () => {
    fc.assert(
      fc.property(anything, value => {
        const verdict = judgeSql(value)
        return verdict.kind === 'REFUSED' ? verdict.reason.length < 200 : value.startsWith(verdict.text)
      }),
    )
  })

  it.each([
    ['', 'is empty'],
    [' ; ;', 'is empty'],
    ['select 1; select 2', 'is more than one statement'],
    ['delete from t', 'begins with DELETE'],
    ["select 'open", 'has a quote that does not end'],
    ['select $x$ open', 'has a quote that does not end'],
    ['select /* /* */ 1', 'has a comment that does not end'],
    ['select $1', 'has a parameter ($1) without a value'],
    ['select U&"pg\\005fread_file"(1)', 'spells a name with Unicode escapes'],
    ['explain analyze select 1', 'runs what it explains (ANALYZE)'],
    ['explain (costs off, analyze) select 1', 'runs what it explains (ANALYZE)'],
    ['explain verbose delete from t', 'begins with DELETE'],
    ['select * into copy from t', 'writes its result into a table (INTO)'],
    ['with x as (insert into t values (1) returning *) select * from x', 'changes data (INSERT)'],
    ['select 1 for no key update', 'locks rows (FOR UPDATE or FOR SHARE)'],
    ['select "pg_read_file"(1)', 'calls pg_read_file, which does more than read'],
    ['select pg_catalog . Pg_Read_File /**/ (1)', 'calls pg_read_file, which does more than read'],
  ])('refuses %j, saying that it %s', (sql, reason) => {
    expect(judgeSql(sql)).toEqual({ kind: 'REFUSED', reason })
  })

  it('hands on the statement without what follows it', () => {
    expect(judgeSql('select 1 ; -- done')).toEqual({ kind: 'READ', text: 'select 1' })
  })
})

describe('sqlTokens', () => {
  it.each([`select E'a' ${'-- '.repeat(30_000)}`, `select E'a'\n${'-- \n'.repeat(20_000)}`, '/*'.repeat(40_000)])(
    'takes no longer than the text is long (%#)',
    sql => {
      // Anything worse than linear would outlast the suite.
      expect(judgeSql(sql).kind).toBe(sql.startsWith('select') ? 'READ' : 'REFUSED')
    },
  )

  it('splits like PostgreSQL', () => {
    const split = (sql: string) => sqlTokens(sql).map(({ kind, text: value }) => (kind === 'literal' ? '?' : value))
    expect(split(`SELECT a$1, "B""c" FROM t1 WHERE x='it''s'`)).toEqual([
      'select',
      'a$1',
      ',',
      'B"c',
      'from',
      't1',
      'where',
      'x',
      '=',
      '?',
    ])
    expect(split(`select E'\\'', b'01', $$a'b$$, 1.5e-3from t`)).toEqual([
      'select',
      '?',
      ',',
      '?',
      ',',
      '?',
      ',',
      '?',
      'from',
      't',
    ])
    // A backslash is an ordinary character outside of E'...'.
    expect(split(`select '\\', delete`)).toEqual(['select', '?', ',', 'delete'])
  })
})

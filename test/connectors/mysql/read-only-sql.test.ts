import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteName } from '../../../src/connectors/mysql/quote.ts'
import { judgeSql } from '../../../src/connectors/mysql/read-only-sql.ts'
import { sqlTokens } from '../../../src/connectors/mysql/sql-tokens.ts'
import { effectfulStatements, readingStatements } from './read-only-corpus.ts'

const kindOf = (sql: string) => judgeSql(sql).kind
const text = fc.string({ unit: 'grapheme', maxLength: 40 }).filter(value => !value.includes('\0'))
/** Text full of what matters to the lexer. */
const awkward = fc
  .array(
    fc.constantFrom(
      "'",
      '"',
      '`',
      '\\',
      '@',
      '#',
      ';',
      '-- ',
      '--',
      '/*',
      '*/',
      '!',
      '\n',
      ' ',
      'delete from t',
      'x',
      '0',
      '.',
      ')',
      '(',
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''))
const anything = fc.oneof(text, awkward)

const inString = (value: string, quote: string) =>
  quote + value.replaceAll('\\', '\\\\').replaceAll(quote, quote + quote) + quote
const escaped = (value: string, quote: string) =>
  quote + value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`) + quote

/** Ways to write any text as one literal, name or comment. */
const literal = anything.chain(value =>
  fc.constantFrom(
    inString(value, "'"),
    inString(value, '"'),
    escaped(value, "'"),
    escaped(value, '"'),
    `n${inString(value, "'")}`,
    `_utf8mb4${inString(value, "'")}`,
    `/* ${value.replaceAll(/[*/]/g, '')} */ 1`,
    `1 -- ${value.replaceAll('\n', '')}\n`,
    `1 # ${value.replaceAll('\n', '')}\n`,
    `1 AS ${quoteName(value === '' ? 'x' : value)}`,
    `@${quoteName(value)}`,
    '1e5',
    '1.5',
    '.5E-1',
  ),
)

describe('judgeSql', () => {
  it.each(effectfulStatements)('refuses %j', sql => {
    expect(kindOf(sql)).toBe('REFUSED')
  })

  it.each(readingStatements)('lets %j through', sql => {
    expect(judgeSql(sql)).toMatchObject({ kind: 'READ' })
  })

  it('has a corpus worth the name, without repetitions', () => {
    for (const corpus of [effectfulStatements, readingStatements]) {
      expect(corpus.length).toBeGreaterThanOrEqual(60)
      expect(new Set(corpus).size).toBe(corpus.length)
    }
  })

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

  it('sees what is written into a file behind any literal or name without a space between them', () => {
    const glued = literal.filter(value => !/[\w$]$/.test(value) || /^[.\d]+(?:E-\d|e\d)?$/i.test(value))
    fc.assert(
      fc.property(glued, value => kindOf(`SELECT ${value}INTO OUTFILE '/tmp/x'`) === 'REFUSED'),
      { numRuns: 2_000 },
    )
  })

  it('sees what is written into a file behind any literal, name or comment', () => {
    fc.assert(
      fc.property(literal, value => kindOf(`SELECT ${value} INTO OUTFILE '/tmp/x'`) === 'REFUSED'),
      { numRuns: 2_000 },
    )
  })

  it('judges alike whatever stands between the words', () => {
    const gap = fc.constantFrom(' ', '\n', '\t', ' /* x */ ', '/**/', ' -- x\n', '#x\n', '\r\n')
    const statements = [
      'SELECT a FROM t',
      'SELECT a FROM t FOR UPDATE',
      "SELECT load_file ( 'x' )",
      'DROP TABLE t',
      'SELECT 1 INTO @a',
      'SHOW GRANTS',
      'SHOW CREATE USER u',
      'SELECT a FROM t LOCK IN SHARE MODE',
      'EXPLAIN FORMAT = json SELECT 1',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...statements),
        fc.array(gap, { minLength: 20, maxLength: 20 }),
        (statement, gaps) => {
          const spread = statement
            .split(' ')
            .map((word, index) => word + (gaps[index] ?? ' '))
            .join('')
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
    ['select `open', 'has a quote that does not end'],
    ['select 1 /* open', 'has a comment that does not end'],
    ['select /*!80000 1 */', 'has a comment that the server runs (/*! or /*+)'],
    ['select /*M! 1 */', 'has a comment that the server runs (/*! or /*+)'],
    ['select 1.e from t', 'has a number without the digits of its exponent'],
    ['select \\N', 'has a backslash outside of quotes'],
    ['select /* /* */ 1', 'has a comment within a comment'],
    ['select \0', 'holds a NUL character'],
    ['explain analyze select 1', 'runs what it explains (ANALYZE)'],
    ['explain for connection 3', 'looks into another session'],
    ['select 1 into @x', 'writes its result into a file, table or variable (INTO)'],
    ['with x as (select 1) delete from t', 'changes data (DELETE)'],
    ['select 1 for update', 'locks rows (FOR UPDATE or FOR SHARE)'],
    ['select 1 lock in share mode', 'locks rows (LOCK IN SHARE MODE)'],
    ['select @a := 1', 'sets a variable (:=)'],
    ['select next value for s', 'advances a sequence (NEXT VALUE FOR)'],
    ['select Load_File /**/ (1)', 'calls load_file, which does more than read'],
    ['show grants', 'shows hashes of passwords (SHOW GRANTS or SHOW CREATE USER)'],
    ['show binlog events', 'shows what is not data (SHOW BINLOG)'],
  ])('refuses %j, saying that it %s', (sql, reason) => {
    expect(judgeSql(sql)).toEqual({ kind: 'REFUSED', reason })
  })

  it('hands on the statement without what follows it', () => {
    expect(judgeSql('select 1 ; -- done')).toEqual({ kind: 'READ', text: 'select 1' })
    expect(judgeSql('select 1 -- done')).toEqual({ kind: 'READ', text: 'select 1' })
  })
})

describe('sqlTokens', () => {
  it('tells a comment from two minus signs, and numbers from names', () => {
    const texts = (sql: string) => sqlTokens(sql).map(({ kind, text: word }) => `${kind} ${word}`)
    expect(texts('1--1')).toEqual(['literal ', 'symbol -', 'symbol -', 'literal '])
    expect(texts('1 -- 1')).toEqual(['literal '])
    expect(texts('1 --')).toEqual(['literal '])
    expect(texts('1e5 1e5x 0x1f 0xzz t.1a 1.5e+3')).toEqual([
      'literal ',
      'literal ',
      'word x',
      'literal ',
      'word 0xzz',
      'word t',
      'symbol .',
      'word 1a',
      'literal ',
    ])
    expect(texts("@`a b` @@global.x @'y'")).toEqual(['variable @`a b`', 'variable @@global.x', "variable @'y'"])
  })

  it.each([
    `select ${'-- \n'.repeat(30_000)}1`,
    `select ${'/* */'.repeat(20_000)}1`,
    '/*'.repeat(40_000),
    "'".repeat(90_000),
  ])('takes no longer than the text is long (%#)', sql => {
    const startedAt = performance.now()
    judgeSql(sql)
    expect(performance.now() - startedAt).toBeLessThan(2_000)
  })
})

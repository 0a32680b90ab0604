import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { defineForm, field, secret } from '../../src/connectors/form.ts'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { walkValues } from '../../src/connectors/form-tree-walk.ts'
import { type FormIssue, validateForm } from '../../src/connectors/form-validation.ts'
import { judgedBy } from '../../src/connectors/text-checks.ts'
import { assertIdempotent } from './form-idempotence.ts'
import { madeUpForm } from './made-up-form.ts'
import { minimal, validRaw } from './made-up-values.ts'

const issuesOf = (raw: unknown): readonly FormIssue[] => {
  const result = validateForm(madeUpForm, raw)
  return result.ok ? [] : result.issues
}
const messages = (raw: unknown) => Object.fromEntries(issuesOf(raw).map(({ path, message }) => [path, message]))

/** A value that a node's own schema cannot take. */
function wrongValues(node: FormTreeNode): unknown[] {
  switch (node.kind) {
    case 'text':
    case 'secret':
      return [5, '', ...(node.maxLength === null ? [] : ['y'.repeat(node.maxLength + 1)])]
    case 'integer':
      return [1.5, '1', (node.maximum ?? Number.MAX_SAFE_INTEGER) + 2, (node.minimum ?? Number.MIN_SAFE_INTEGER) - 2]
    case 'number':
      return ['1', Number.NaN, (node.maximum ?? 0) + 1]
    case 'boolean':
      return ['yes', 1]
    case 'choice':
      return ['NO_SUCH_CHOICE', true]
    case 'list':
      return ['x', {}]
    case 'group':
      return node.fields.size === 0 ? [false, 'yes'] : [true, []]
    case 'alternatives':
      return ['x', {}]
  }
}

function withValue(into: unknown, segments: readonly string[], value: unknown): unknown {
  const [key, ...rest] = segments
  if (key === undefined) return value
  if (Array.isArray(into))
    return into.map((item, index) => (String(index) === key ? withValue(item, rest, value) : item))
  const record = (into ?? {}) as Record<string, unknown>
  return { ...record, [key]: withValue(record[key], rest, value) }
}

describe('validation of a form', () => {
  test('accepts every valid input, and what it makes of it once more', () => {
    fc.assert(
      fc.property(validRaw, raw => {
        expect(issuesOf(raw)).toEqual([])
      }),
    )
    assertIdempotent(madeUpForm.schema, validRaw)
  })

  test('a transform that changes its own result is found out', () => {
    expect(() =>
      assertIdempotent(
        z.string().overwrite(value => `${value}!`),
        fc.string(),
      ),
    ).toThrow()
  })

  test('reports one wrong value at its own path, in a sentence', () => {
    const broken = validRaw.chain(raw => {
      const places = [...walkValues(formTree(madeUpForm).root, raw)].flatMap(({ node, segments }) =>
        wrongValues(node).map(wrong => ({ raw, segments, wrong })),
      )
      return fc.constantFrom(...places)
    })
    fc.assert(
      fc.property(broken, ({ raw, segments, wrong }) => {
        const issues = issuesOf(withValue(raw, segments, wrong))
        expect(new Set(issues.map(issue => issue.path))).toEqual(new Set([segments.join('.')]))
        for (const issue of issues) expect(issue.message).toMatch(/^[A-Z].*\.$/)
        // Every random secret starts like this.
        expect(issues.map(issue => issue.message).join()).not.toContain('secret "')
      }),
      { numRuns: 500 },
    )
  })

  test('names the mend, all issues at once', () => {
    const raw = {
      title: ' ',
      baseUrl: 'ftp://x',
      auth: { basic: { username: '' }, none: true },
      mode: 'SLOW',
      retries: 11,
      maxBytes: 'many',
      ratio: 2,
      tags: ['a', 'b', 'c', 'd', 'e'],
      hosts: [{ host: 'a', port: 0 }, { port: 1 }],
      headers: 'none',
      limits: { seconds: 1.5, burst: { size: true } },
      unknown: 1,
    }
    expect(messages(raw)).toEqual({
      title: 'Must not be empty.',
      baseUrl: 'Give an address such as "https://example".',
      auth: 'Give only one of none, basic.',
      'auth.basic.username': 'Must not be empty.',
      'auth.basic.password': 'A value is required.',
      mode: 'Must be one of SAFE, FAST.',
      retries: 'Must be a whole number between 0 and 10.',
      maxBytes: 'Must be a whole number between 1 and 9007199254740991.',
      ratio: 'Must be a number between 0 and 1.',
      tags: 'Must have at most 4 items.',
      'hosts.0.port': 'Must be a whole number between 1 and 9.',
      'hosts.1.host': 'A value is required.',
      headers: 'Must be a list.',
      'limits.seconds': 'Must be a whole number between 1 and 60.',
      'limits.burst.size': 'Must be a whole number of at least 1.',
      unknown: 'There is no such field.',
    })
  })

  test('segments are the keys of the path, list indices included', () => {
    expect(issuesOf({ ...minimal, hosts: [{ host: 'a' }, {}] })).toMatchObject([
      { path: 'hosts.1.host', segments: ['hosts', '1', 'host'], message: 'A value is required.' },
    ])
  })

  test('null is the same as absent', () => {
    const absent = validateForm(madeUpForm, minimal)
    const nulls = { title: null, retries: null, headers: null, proxy: null, limits: null }
    expect(validateForm(madeUpForm, { ...minimal, ...nulls })).toEqual(absent)
    expect(validateForm(madeUpForm, { ...minimal, limits: { seconds: null, burst: { size: null } } })).toEqual(absent)
    expect(messages({ baseUrl: null, auth: { none: null } })).toEqual({
      baseUrl: 'A value is required.',
      auth: 'Give one of none, basic, token, cloud.',
    })
    expect(messages(null)).toEqual({ '': 'Must be an object with fields.' })
  })

  test('takes objects without a prototype, as GraphQL makes them', () => {
    const raw = Object.assign(Object.create(null), minimal, {
      auth: Object.assign(Object.create(null), { none: true }),
    })
    expect(issuesOf(raw)).toEqual([])
  })

  test('the rules over several fields report at their paths', () => {
    expect(messages({ ...minimal, mode: 'FAST', retries: 6 })).toEqual({
      retries: 'The fast mode allows 5 retries at most.',
    })
  })

  test('items that hold secrets must have different names', () => {
    const header = { name: 'a', value: 'x' }
    expect(messages({ ...minimal, headers: [header, { ...header, name: 'b' }, header] })).toEqual({
      'headers.2.name': 'Another item has this name: names must differ.',
    })
  })

  test('a fieldless alternative must be true', () => {
    expect(messages({ ...minimal, auth: { none: false } })).toEqual({ 'auth.none': 'Must be true, or left out.' })
  })

  test('no issue tells a secret', () => {
    const secretText = 'hunter2'.repeat(50)
    const issues = issuesOf({ ...minimal, auth: { basic: { username: 1, password: secretText } } })
    expect(issues.map(issue => issue.path)).toEqual(['auth.basic.username', 'auth.basic.password'])
    expect(JSON.stringify(issues)).not.toContain('hunter2')
  })

  test("a secret's own message is kept", () => {
    const form = defineForm({
      fields: {
        key: secret(z.string().regex(/^k/, 'Give a key.'), { label: 'Key' }),
        n: field(z.int(), { label: 'N' }),
      },
    })
    expect(validateForm(form, { key: 'x', n: 1 })).toMatchObject({ issues: [{ path: 'key', message: 'Give a key.' }] })
    expect(validateForm(form, { key: 1, n: 1 })).toMatchObject({ issues: [{ path: 'key', message: 'Must be text.' }] })
  })
})

describe('a value of which it can be guessed what was meant', () => {
  const form = defineForm({
    fields: {
      server: field(
        z.string().check(
          judgedBy(text => {
            if (!text.includes('/')) return null
            return text.length > 20
              ? { message: 'Give the name alone.' }
              : { message: 'Give the name alone.', suggestion: text.replaceAll('/', '') }
          }),
        ),
        { label: 'Server' },
      ),
    },
  })
  const issues = (server: string) => {
    const result = validateForm(form, { server })
    return result.ok ? [] : result.issues
  }

  test('is told with that as a remedy, which the form then takes', () => {
    const [issue] = issues('/a/')
    expect(issue).toEqual({
      path: 'server',
      segments: ['server'],
      message: 'Give the name alone.',
      remedies: [{ kind: 'SET_FIELD', title: 'Use "a"', field: 'server', value: 'a' }],
    })
    expect(issues('a')).toEqual([])
  })

  test('is told without one where nothing can be guessed', () => {
    expect(issues('/'.repeat(30))).toMatchObject([{ message: 'Give the name alone.', remedies: [] }])
  })
})

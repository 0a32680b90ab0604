import { expect, test } from 'vitest'
import { z } from 'zod'
import { formPath, toValidationError } from '../../src/schema/validation.ts'

const inputKeys = new Set(['madeUp'])

test.each([
  ['config.madeUp.auth.password.username', 'auth.password.username'],
  ['target.draft.madeUp.headers.2.value', 'headers.2.value'],
  ['target.edit.config.madeUp.host', 'host'],
  ['target.draft.query.madeUp.sql.text', 'sql.text'],
  ['name', 'name'],
  // Not a form: the holder is not followed by a type's key.
  ['config.unknown.host', 'config.unknown.host'],
  ['datasets.none', 'datasets.none'],
])('%s is marked at %s', (inputPath, path) => {
  expect(formPath(inputPath.split('.'), inputKeys)).toBe(path)
})

test('every issue is told, with both of its paths', () => {
  const schema = z.object({
    input: z.object({ first: z.int(), config: z.object({ madeUp: z.object({ host: z.string() }) }) }),
  })
  const { error } = schema.safeParse({ input: { first: 1.5, config: { madeUp: {} } } })
  if (!error) throw new Error('The schema accepts it.')
  expect(toValidationError(error, inputKeys).issues).toMatchObject([
    { path: 'first', inputPath: ['first'] },
    { path: 'host', inputPath: ['config', 'madeUp', 'host'] },
  ])
})

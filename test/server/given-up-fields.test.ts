import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const src = (name: string) => fileURLToPath(new URL(`../../src/${name}`, import.meta.url))

/** Runs lines in a process of their own, as only its end can tell. */
const run = (lines: string) =>
  promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { GraphQLError } from 'graphql'
    import { surviveGivenUpFields } from ${JSON.stringify(src('given-up-fields.ts'))}
    surviveGivenUpFields({ error: ({ err }, words) => console.log(words, err.message) })
    ${lines}
    setTimeout(() => console.log('alive'), 50)`,
  ])

test('a field that fails when its answer was given up does not end the process; its bug is logged', async () => {
  const refusal = `new GraphQLError('No.', { path: ['a'], extensions: { code: 'FORBIDDEN' } })`
  expect((await run(`Promise.reject(${refusal})`)).stdout).toBe('alive\n')
  const bug = `new GraphQLError('x', { path: ['a'], originalError: new Error('It broke.') })`
  expect((await run(`Promise.reject(${bug})`)).stdout).toBe(
    'A field failed after its answer was given up It broke.\nalive\n',
  )
})

test('anything else that nobody handles ends it as ever', async () => {
  await expect(run(`Promise.reject(new Error('Of something else.'))`)).rejects.toMatchObject({ code: 1, stdout: '' })
})

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { FuzzServer } from '../fuzz/fuzz-server.ts'
import { hypothesisGraphqlPython, installHypothesisGraphql } from './hypothesis-graphql-install.ts'

const installation = await installHypothesisGraphql()
const seconds = 90
const operationsOfEachField = 100

interface Report {
  readonly seconds: number
  readonly answers: Readonly<Record<string, number>>
  readonly faults: readonly unknown[]
}

test('operations of hypothesis-graphql, valid and not, find no fault', { timeout: 300_000 }, async context => {
  if (!installation.installed) return context.skip(installation.reason)
  await using server = await FuzzServer.start()
  const script = join(import.meta.dirname, 'hypothesis-graphql-process.py')
  const schema = join(import.meta.dirname, '..', '..', 'schema.graphql')
  const { stdout } = await promisify(execFile)(
    hypothesisGraphqlPython,
    [script, schema, server.url, String(operationsOfEachField), String(seconds)],
    { env: {}, timeout: 3 * seconds * 1_000, maxBuffer: 64 * 1_024 * 1_024 },
  )
  const report = JSON.parse(stdout) as Report
  console.log(`hypothesis-graphql: ${JSON.stringify(report.answers)} in ${report.seconds} s`)
  expect(report.faults).toEqual([])
  expect((await server.state()).faults).toBe('')
  expect(report.answers['positive']).toBeGreaterThan(50)
  expect(report.answers['negative']).toBeGreaterThan(50)
  expect(report.answers['data']).toBeGreaterThan(0)
})

import { expect, test } from 'vitest'
import { problemTable } from '../../src/connectors/problem-table.ts'
import { problemsOfAnyType } from '../../src/connectors/problems-of-any-type.ts'
import { dataOf, registry, schemaWorld } from './schema-world.ts'

test('the catalogue of problems holds every code with what it means', async () => {
  const document = '{ problemCatalogue { code title origin message mend retryable } }'
  const { problemCatalogue } = dataOf(await schemaWorld().run(document))
  const expected = Object.entries(problemTable).map(([code, { title, origin, message, mend, retryable }]) => ({
    code,
    title,
    origin,
    message,
    mend,
    retryable,
  }))
  expect(problemCatalogue).toEqual(expected)
})

test('of one type it holds what that type reports and what Patchbay reports of any, each once', async () => {
  const document = '{ problemCatalogue(connectorType: MADE_UP) { code } }'
  const { problemCatalogue } = dataOf(await schemaWorld().run(document))
  const codes = (problemCatalogue as { code: string }[]).map(({ code }) => code)
  expect(codes).toContain('CONNECTION_REFUSED')
  expect(new Set(codes)).toEqual(new Set([...registry.byName('MADE_UP').problems, ...problemsOfAnyType]))
  expect(new Set(codes).size).toBe(codes.length)
  expect(codes.length).toBeLessThan(Object.keys(problemTable).length)
})

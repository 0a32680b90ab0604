import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { graphql } from 'graphql'
import { expect, test } from 'vitest'
import { problem } from '../../src/connectors/problem.ts'
import { problemTable } from '../../src/connectors/problem-table.ts'
import { problemsOfAnyType } from '../../src/connectors/problems-of-any-type.ts'
import { dataOf, madeUpSchema, registry, schemaWorld } from './schema-world.ts'

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

test('the catalogue of problems says where each code is explained, if this server knows', async () => {
  const source = '{ problemCatalogue { code docsUrl } }'
  const { context } = schemaWorld()
  const at = async (docsBaseUrl: string | null) => {
    const contextValue = { ...context, docsBaseUrl }
    const { problemCatalogue } = dataOf(await graphql({ schema: madeUpSchema, source, contextValue }))
    return problemCatalogue as { code: keyof typeof problemTable; docsUrl: string | null }[]
  }
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'problems.md'), 'utf8')
  for (const { code, docsUrl } of await at('https://docs.example.com')) {
    expect(docsUrl).toBe(`https://docs.example.com/${problem(code).docsPath}`)
    const anchor = /^https:\/\/docs\.example\.com\/problems\.md#(.+)$/.exec(docsUrl ?? '')?.[1]
    expect(page).toContain(`<a id="${anchor}"></a>\n\n### ${code}\n`)
  }
  expect(new Set((await at(null)).map(({ docsUrl }) => docsUrl))).toEqual(new Set([null]))
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

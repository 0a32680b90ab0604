import { expect } from 'vitest'
import type { CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type ProofSource, proves } from '../../proofs/proves.ts'
import { type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'

/** A form's input that leads to a server on this machine. */
export const inputFor = (port: number, username: string, change: Readonly<Record<string, unknown>> = {}) => ({
  host: '127.0.0.1',
  port,
  auth: { password: { username, password: 'pw' } },
  tls: { mode: 'DISABLE' },
  ...change,
})

export const browse = (
  input: unknown,
  path: readonly string[],
  options?: ListingOptions,
): Promise<Listing<CatalogEntry>> => listCatalog(postgres, input, path, options)

export const optionsFor = (input: unknown, field: string, options?: ListingOptions): Promise<Listing<FieldOption>> =>
  listOptions(postgres, input, field, options)

/** The items of a list with which nothing is wrong. */
export function sound<Item>({ items, problem }: Listing<Item>): readonly Item[] {
  expect(problem).toBeNull()
  return items
}

export const namesOf = (listing: Listing<CatalogEntry>): readonly string[] => sound(listing).map(({ name }) => name)

/** Asserts that the list has this problem, and notes it as proved. */
export function expectListingProblem(
  { problem }: Listing<unknown>,
  code: ProblemCode,
  by: ProofSource = 'REAL_SERVER',
): Problem {
  expect(problem?.code, JSON.stringify(problem)).toBe(code)
  proves('POSTGRES', code, by)
  return problem as Problem
}

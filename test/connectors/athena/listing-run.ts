import { expect } from 'vitest'
import { athena } from '../../../src/connectors/athena/index.ts'
import type { CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import type { AwsDouble, AwsDoubleOptions } from '../../servers/aws-double.ts'
import { type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { byKey, nearAws, startAws } from './athena-run.ts'

export const catalogAt = (
  double: AwsDouble,
  path: readonly string[],
  { input = byKey(), ...options }: ListingOptions & { readonly input?: unknown } = {},
): Promise<Listing<CatalogEntry>> => listCatalog(athena, input, path, nearAws(double, options))

export const optionsAt = (
  double: AwsDouble,
  field: string,
  { input = byKey(), ...options }: ListingOptions & { readonly input?: unknown } = {},
): Promise<Listing<FieldOption>> => listOptions(athena, input, field, nearAws(double, options))

/** Lists at a double of its own. */
export async function listAthena(
  path: readonly string[],
  aws: AwsDoubleOptions = {},
  options: Parameters<typeof catalogAt>[2] = {},
) {
  await using double = await startAws(aws)
  const listing = await catalogAt(double, path, options)
  return { ...listing, requests: double.requests, athena: double.athena }
}

/** The same for options. */
export async function optionsOf(
  field: string,
  aws: AwsDoubleOptions = {},
  options: Parameters<typeof optionsAt>[2] = {},
) {
  await using double = await startAws(aws)
  const listing = await optionsAt(double, field, options)
  return { ...listing, requests: double.requests }
}

export const namesOf = ({ items }: Pick<Listing<CatalogEntry>, 'items'>): readonly string[] =>
  items.map(({ name }) => name)

export const actionsOf = ({ requests }: { readonly requests: readonly { readonly action: string }[] }) =>
  requests.map(({ action }) => action)

/** Asserts that nothing was listed because of this, and answers it. */
export function expectNotListed({ items, next, problem }: Listing, code: ProblemCode): Problem {
  expect({ items, next, code: problem?.code }, JSON.stringify(problem)).toEqual({ items: [], next: null, code })
  proves('ATHENA', code, 'DOUBLE')
  return problem as Problem
}

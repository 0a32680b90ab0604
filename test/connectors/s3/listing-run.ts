import { expect } from 'vitest'
import type { CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { type ProofSource, proves } from '../../proofs/proves.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { inputOf, type S3World } from './s3-run.ts'

export interface S3ListingOptions extends ListingOptions {
  /** Of the form's input. */
  readonly change?: Readonly<Record<string, unknown>>
}

export const catalogIn = (
  world: S3World,
  path: readonly string[],
  { change, ...options }: S3ListingOptions = {},
): Promise<Listing<CatalogEntry>> => listCatalog(s3, inputOf(change), path, world.near(options))

export const optionsIn = (
  world: S3World,
  field: string,
  { change, ...options }: S3ListingOptions = {},
): Promise<Listing<FieldOption>> => listOptions(s3, inputOf(change), field, world.near(options))

export const namesOf = ({ items }: Pick<Listing<CatalogEntry>, 'items'>): readonly string[] =>
  items.map(({ name }) => name)

export const valuesOf = ({ items }: Pick<Listing<FieldOption>, 'items'>): readonly string[] =>
  items.map(({ value }) => value)

/** Asserts that nothing was listed because of this, and answers it. */
export function expectNotListed(
  { items, next, problem }: Listing,
  code: ProblemCode,
  by: ProofSource = 'DOUBLE',
): Problem {
  expect({ items, next, code: problem?.code }, JSON.stringify(problem)).toEqual({ items: [], next: null, code })
  proves('S3', code, by)
  return problem as Problem
}

/** Every key that can be got to from the highest level, as the datasets of objects and otherwise as paths. */
export async function everyObject(
  list: (
    path: readonly string[],
    page: { readonly first: number; readonly after: string | null },
  ) => Promise<Listing<CatalogEntry>>,
  first = 100,
  path: readonly string[] = [],
): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = []
  for (const { name, kind } of await everyItem(first, page => list(path, page))) {
    if (kind === 'FOLDER') found.push(...(await everyObject(list, first, [...path, name])))
    else found.push([...path, name])
  }
  return found
}

import { expect } from 'vitest'
import type { CatalogEntry, FieldOption, Listing, ListingPage, ListingRequest } from '../../src/connectors/browse.ts'
import type { CommonType } from '../../src/connectors/define.ts'
import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { walkNodes } from '../../src/connectors/form-tree-walk.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import type { ListingOptions } from '../servers/listing-run.ts'
import { type NamedFixture, registered } from './fixtures.ts'
import type { Place } from './places.ts'
import type { FixtureServer, Input, ListedThings, TypeFixture } from './type-fixture.ts'

export interface ListedFixture extends NamedFixture {
  readonly lists: ListedThings
}

/** Every type that can be browsed and whose fixture says what there is. */
export const listed: readonly ListedFixture[] = registered.flatMap(({ name, fixture }) =>
  fixture.type.loadBrowse && fixture.lists ? [{ name, fixture, lists: fixture.lists }] : [],
)

/** The fields of a type's form whose values can be listed. */
export const liveFields = ({ type }: TypeFixture): readonly FormTreeNode[] =>
  [...walkNodes(formTree(type.form).root)].filter(({ liveOptions }) => liveOptions !== null)

/** What is asked of one server, in one place. */
export class Lister {
  readonly #place: Place
  readonly #fixture: TypeFixture
  readonly #server: Pick<FixtureServer, 'input' | 'surroundings'>

  constructor(place: Place, fixture: TypeFixture, server: Pick<FixtureServer, 'input' | 'surroundings'>) {
    this.#place = place
    this.#fixture = fixture
    this.#server = server
  }

  catalog(path: readonly string[], options: ListingOptions = {}): Promise<Listing<CatalogEntry>> {
    return this.#list({ kind: 'CATALOG', path, page: pageOf(options) }, this.#server.input, options) as Promise<
      Listing<CatalogEntry>
    >
  }

  /** While the field itself is empty, and others that are required and can be listed too have their stand-ins. */
  options(field: string, options: ListingOptions = {}): Promise<Listing<FieldOption>> {
    const input = inputWithout(this.#fixture, this.#server.input, field)
    return this.#list({ kind: 'OPTIONS', field, page: pageOf(options) }, input, options) as Promise<
      Listing<FieldOption>
    >
  }

  #list(request: ListingRequest, input: Input, { search, first, after, ...options }: ListingOptions): Promise<Listing> {
    return this.#place.list(this.#fixture.type, input, request, { ...this.#server.surroundings, ...options })
  }
}

const pageOf = ({ search = null, first = 100, after = null }: ListingOptions): ListingPage => ({ search, first, after })

/** As a form that is being filled in: nothing beyond what the field needs has been chosen. */
function inputWithout(fixture: TypeFixture, input: Input, field: string): Input {
  const fields = liveFields(fixture)
  const needed = fields.find(({ path }) => path === field)?.liveOptions?.needs ?? []
  return fields
    .filter(({ path }) => !needed.includes(path))
    .reduce<Input>((form, { path, liveOptions }) => withValue(form, path.split('.'), liveOptions?.standIn), input)
}

/** The form's input with another value at a path; undefined takes it away. */
export function withValue(input: Input, [key = '', ...rest]: readonly string[], value: unknown): Input {
  const { [key]: inner, ...others } = input
  if (rest.length > 0) return inner === undefined ? input : { ...input, [key]: withValue(inner as Input, rest, value) }
  return value === undefined ? others : { ...others, [key]: value }
}

/** The items of a list with which nothing is wrong. */
export function sound<Item>(listing: Listing<Item>): readonly Item[] {
  expect(listing.problem, JSON.stringify(listing.problem)).toBeNull()
  return listing.items
}

/** Asserts that a list says why it is not there, in a way that the type has announced. */
export function assertExplained({ type }: TypeFixture, { items, next, problem }: Listing, about: string): void {
  expect(problem?.code, about).toBeDefined()
  expect(problem?.code, `${about}: ${JSON.stringify(problem)}`).not.toBe('UNCLASSIFIED')
  expect({ items, next }, about).toEqual({ items: [], next: null })
  expect(type.problems, about).toContain(problem?.code)
  expect(problem?.message, about).not.toMatch(/\{\w+\}|undefined|NaN|\[object/)
}

// The compiler finds one that is missing.
const commonTypes: { readonly [T in CommonType]: true } = {
  TEXT: true,
  INTEGER: true,
  DECIMAL: true,
  FLOAT: true,
  BOOLEAN: true,
  DATE: true,
  TIME: true,
  TIMESTAMP: true,
  JSON: true,
  BINARY: true,
  LIST: true,
  OTHER: true,
}

/** What holds for every entry of every catalog. */
export function assertConsistent({ type }: TypeFixture, entry: CatalogEntry): void {
  const { name, kind, hasChildren, column, sizeBytes, query } = entry
  const about = JSON.stringify(entry)
  expect(name, about).not.toBe('')
  expect(column !== undefined, `${about}: columns, and nothing else, have a type`).toBe(kind === 'COLUMN')
  if (column) {
    expect(hasChildren, about).toBe(false)
    expect(column.nativeType, about).not.toBe('')
    expect(Object.keys(commonTypes), about).toContain(column.type)
  }
  if (['CATALOG', 'DATABASE', 'SCHEMA', 'FOLDER'].includes(kind)) expect(hasChildren, about).toBe(true)
  if (sizeBytes !== undefined) expect(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, about).toBe(true)
  if (query) expect(validateForm(type.queryForm, query), about).toMatchObject({ ok: true })
}

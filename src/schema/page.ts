import type { ArgBuilder, ImplementableObjectRef, InterfaceRef, ObjectRef } from '@pothos/core'
import { BadCursorError, type Page } from '../db/keyset.ts'
import type { Builder, Types } from './builder.ts'
import { badUserInput } from './graphql-errors.ts'

export const defaultPageSize = 20
export const maxPageSize = 100

/** One page as connection types show it. */
export interface Connection<Row> {
  readonly page: Page<Row>
  readonly hasPreviousPage: boolean
}

/** A page of a list whose length can be asked for. */
export interface CountedConnection<Row> extends Connection<Row> {
  totalCount(): Promise<number>
}

/** Implements `<noun>Connection` and defines `<noun>Edge`. */
export function implementConnection<Row>(
  builder: Builder,
  noun: string,
  ref: ImplementableObjectRef<Types, Connection<Row>>,
  node: ObjectRef<Types, Row> | InterfaceRef<Types, Row>,
): void {
  const edge = builder.objectRef<{ readonly node: Row; readonly cursor: string }>(`${noun}Edge`).implement({
    description: `One item in a list of ${noun}s, with its place.`,
    fields: t => ({
      // Pothos cannot see that a generic row is not a promise or an error.
      node: t.field({ type: node, description: 'The item itself.', resolve: parent => parent.node as never }),
      cursor: t.exposeString('cursor', { description: 'Its place in the list; opaque.' }),
    }),
  })
  // The list's own size counts where the list is a field: counting it here again would square it.
  const complexity = { field: 0, multiplier: 1 }
  ref.implement({
    description: `A page of a list of ${noun}s.`,
    fields: t => ({
      nodes: t.field({
        type: [node],
        description: 'The items of this page.',
        complexity,
        resolve: ({ page }) => page.rows as never,
      }),
      edges: t.field({
        type: [edge],
        description: 'The items of this page with their cursors.',
        complexity,
        resolve: ({ page }) => page.rows.map((row, index) => ({ node: row, cursor: page.cursors[index] ?? '' })),
      }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        description: 'Where this page lies in the list.',
        resolve: ({ page, hasPreviousPage }) => ({
          hasNextPage: page.hasNextPage,
          hasPreviousPage,
          startCursor: page.cursors[0] ?? null,
          endCursor: page.cursors.at(-1) ?? null,
        }),
      }),
    }),
  })
}

export function addTotalCount<Row>(builder: Builder, ref: ObjectRef<Types, CountedConnection<Row>>): void {
  builder.objectField(ref, 'totalCount', t =>
    t.int({
      description: 'How many items the whole list has. Counted only when it is asked for.',
      complexity: 5,
      resolve: parent => parent.totalCount(),
    }),
  )
}

/** Defines the arguments of every paged list. */
export const pageArgs = (arg: ArgBuilder<Types>) => ({
  first: arg.int({
    required: false,
    description: `How many items, from 1 to ${maxPageSize}; ${defaultPageSize} unless given.`,
  }),
  after: arg.string({ required: false, description: 'A cursor of this list: the page starts after it.' }),
})

/** The values of those arguments. */
export interface PageArgs {
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
}

/** Checks `first` and gives the request for a page. Throws BAD_USER_INPUT. */
export function pageRequest(args: PageArgs) {
  const first = args.first ?? defaultPageSize
  if (first < 1 || first > maxPageSize) throw badUserInput(`\`first\` must be from 1 to ${maxPageSize}.`)
  return { first, after: args.after ?? null }
}

/** Reads a page. Throws BAD_USER_INPUT. */
export async function connection<Row>(
  request: { readonly after: string | null },
  read: () => Promise<Page<Row>>,
): Promise<Connection<Row>> {
  return { page: await withCursor(read), hasPreviousPage: request.after !== null }
}

/** What `read` gives; a cursor that does not fit is the client's mistake. */
export async function withCursor<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof BadCursorError) throw badUserInput(error.message)
    throw error
  }
}

/** What a list costs: its page size times what is asked for of each item. */
export const pageComplexity = (args: PageArgs) => ({
  field: 1,
  multiplier: Math.min(args.first ?? defaultPageSize, maxPageSize),
})

import type { ArgBuilder, InputFieldBuilder, ObjectFieldBuilder, ObjectRef } from '@pothos/core'
import type { ListedItems } from '../services/listings.ts'
import type { Types } from './builder.ts'
import type { ProblemRef } from './problem.ts'

/** How many items of a list of a data source, unless more or fewer are asked for. */
const listedPageSize = 50
const maxListedPageSize = 100

const descriptions = {
  first: `How many items, from 1 to ${maxListedPageSize}.`,
  after: 'The `endCursor` of the page before, of the same list with the same search.',
  search:
    'Part of the name, without regard to case, of at most 200 characters. Some data sources only look at the beginning of names; their pages of the documentation say so.',
  mayStartCompute: 'Whether listing may cost money or start a machine, such as a stopped warehouse.',
}

/** The arguments of a list that comes live from a data source. */
export const listArgs = (arg: ArgBuilder<Types>) => ({
  first: arg.int({ defaultValue: listedPageSize, description: descriptions.first }),
  after: arg.string({ required: false, description: descriptions.after }),
  search: arg.string({ required: false, description: descriptions.search }),
  mayStartCompute: arg.boolean({ defaultValue: false, description: descriptions.mayStartCompute }),
})

/** The same as fields of an input. */
export const listInputFields = (t: InputFieldBuilder<Types, 'InputObject'>) => ({
  first: t.int({ defaultValue: listedPageSize, description: descriptions.first }),
  after: t.string({ required: false, description: descriptions.after }),
  search: t.string({ required: false, description: descriptions.search }),
  mayStartCompute: t.boolean({ defaultValue: false, description: descriptions.mayStartCompute }),
})

/**
 * What a list costs: the connection that it needs, and a share of what is asked for of each item, which is in memory by
 * then. Whole entries with whole problems of a whole page must fit into one operation.
 */
export const listComplexity = ({ first }: { readonly first: number }) => ({
  field: 10,
  multiplier: Math.ceil(Math.min(Math.max(first, 1), maxListedPageSize) / 5),
})

/** The fields of a page of such a list. */
export const listFields = <Item>(
  t: ObjectFieldBuilder<Types, ListedItems<Item>>,
  item: ObjectRef<Types, Item>,
  problem: ProblemRef,
) => ({
  nodes: t.field({
    type: [item],
    description: 'The items of this page.',
    complexity: { field: 0, multiplier: 1 },
    // Pothos cannot see that a generic item is not a promise or an error.
    resolve: ({ items }) => items as never,
  }),
  hasNextPage: t.boolean({
    description: 'Whether there is more after this page.',
    resolve: ({ endCursor }) => endCursor !== null,
  }),
  endCursor: t.exposeString('endCursor', {
    nullable: true,
    description: 'For the next page, as `after`; null when this is the last one.',
  }),
  problem: t.field({
    type: problem,
    nullable: true,
    description: 'What went wrong: then items are missing, or all of them are.',
    resolve: parent => parent.problem,
  }),
})

import type { Pager } from './pager.ts'

/** One answer has everything. */
export const onePage: Pager = { first: [], mayEndWithNotFound: false, next: () => ({ kind: 'END' }) }

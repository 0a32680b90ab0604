import type { Privilege } from './privileges.ts'

/**
 * Whether privileges let an account read a collection or, without a name of one, anything of a database. Of a collection
 * that only has its name in a privilege for every database, too.
 */
export const mayFind = (privileges: readonly Privilege[], db: string, collection: string | null): boolean =>
  privileges.some(({ resource, actions }) => {
    if (!actions.includes('find') && !actions.includes('anyAction')) return false
    if (resource.kind === 'EVERYTHING') return true
    if (resource.kind !== 'COLLECTION' || (resource.db !== '' && resource.db !== db)) return false
    return collection === null || resource.collection === '' || resource.collection === collection
  })

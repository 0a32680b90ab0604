import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { listingOf, namePage } from '../postgres-protocol/name-page.ts'
import { nameSql } from './relation-sql.ts'
import type { Work } from './work.ts'

/** Those that sessions can be opened in: Redshift has no right to connect that could be missing. */
export async function listDatabases(work: Work, page: ListingPage): Promise<Listing<FieldOption>> {
  const { conditions, end, values } = namePage(nameSql('d.datname'), page)
  // `padb_harvest` is Redshift's own.
  const sql = `
    SELECT d.datname::text AS name FROM pg_database d
    WHERE d.datallowconn AND NOT d.datistemplate AND d.datname <> 'padb_harvest' ${conditions} ${end}`
  const databases = await work.read(run => run(sql, { name: 'text' }, values))
  return listingOf(
    databases,
    page,
    ({ name }) => ({ value: name }),
    ({ name }) => name,
  )
}

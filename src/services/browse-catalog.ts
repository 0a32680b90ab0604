import type { CatalogEntry, Listing } from '../connectors/browse.ts'
import type { ConnectorType } from '../connectors/define.ts'
import { validateForm } from '../connectors/form-validation.ts'
import type { ConnectorRow } from '../db/rows.ts'
import { isStorableText } from '../db/storable-text.ts'
import type { InputIssue } from './errors.ts'
import { assertNoIssues, listedItems, pageIssues, requestedPage } from './list-page.ts'
import { auditedListing, type ListingDependencies, listSource } from './list-source.ts'
import type { CatalogInput, ListedEntry, ListedItems } from './listings.ts'
import { resolveTestSubject } from './test-subject.ts'
import { usableType } from './usable-type.ts'
import type { Viewer } from './viewer.ts'

const maxDepth = 10
const maxNameLength = 1_024

/** `ListingService.catalog`. */
export async function browseCatalog(
  dependencies: ListingDependencies,
  viewer: Viewer,
  connector: Pick<ConnectorRow, 'id' | 'typeName'>,
  input: CatalogInput,
  signal: AbortSignal,
): Promise<ListedItems<ListedEntry>> {
  assertNoIssues([...pathIssues(input.path), ...pageIssues(input)])
  const type = usableType(dependencies.registry, connector, { path: 'connector', inputPath: [] })
  const { path } = input
  const list = ['CATALOG', type.name, connector.id, path]
  const page = requestedPage(list, input)
  const { workspace } = viewer
  const reading = auditedListing(dependencies, viewer, { action: 'BROWSE_CATALOG', details: { depth: path.length } })
  const subject = await resolveTestSubject(dependencies, workspace, { saved: { id: connector.id } }, reading)
  const { mayStartCompute } = input
  const run = { workspace, mayStartCompute, reading, signal }
  const listing = await listSource(dependencies, subject, { kind: 'CATALOG', path, page }, run)
  // The host lets only entries through where entries were asked for.
  const { items, ...rest } = listedItems(list, page, listing as Listing<CatalogEntry>)
  return { items: items.map(entry => ({ ...withUsableQuery(type, entry), path: [...path, entry.name] })), ...rest }
}

function pathIssues(path: readonly string[]): readonly InputIssue[] {
  const issue = (at: string, message: string): InputIssue => ({ path: at, inputPath: at.split('.'), message })
  if (path.length > maxDepth) return [issue('path', `Must be at most ${maxDepth} names.`)]
  return path.flatMap((name, index) =>
    name.length >= 1 && name.length <= maxNameLength && isStorableText(name)
      ? []
      : [issue(`path.${index}`, `Must be text of 1 to ${maxNameLength} characters.`)],
  )
}

/** What is offered as a dataset's query must be one that would be taken: the connector host only passes it on. */
function withUsableQuery(type: ConnectorType, { query, ...entry }: CatalogEntry): CatalogEntry {
  return query !== undefined && validateForm(type.queryForm, query).ok ? { ...entry, query } : entry
}

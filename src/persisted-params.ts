import type { PersistedOperations } from './persisted-operations.ts'
import { badRequest, persistedOperationRequired, persistedQueryNotSupported } from './schema/graphql-errors.ts'
import type { Viewer } from './services/viewer.ts'

/** What a client sends for an operation. */
export interface OperationParams {
  readonly query?: unknown
  readonly variables?: unknown
  /** As the appendix on persisted documents of GraphQL over HTTP has it. */
  readonly documentId?: unknown
  readonly extensions?: unknown
}

export interface PersistedPolicy {
  /** Null when clients may send any document. */
  readonly operations: PersistedOperations | null
  /** Whether API tokens may send any document all the same. */
  readonly freeForTokens: boolean
}

/**
 * The parameters with the document that their id names in them, and without the id. Throws `GraphQLError` when the id
 * names none, or when this viewer may send only such documents and sends another one.
 */
export function withPersistedDocument<T extends OperationParams>(
  params: T,
  viewer: Viewer,
  { operations, freeForTokens }: PersistedPolicy,
): T {
  const ids = idsOf(params)
  // Clients of WebSockets cannot leave it out.
  const isDocumentGiven = (params.query ?? '') !== ''
  // What is run has no id; a document is a text, which is what every kind of parameters has for it.
  const withDocument = (query: unknown): T => ({ ...params, documentId: undefined, query }) as T
  const isFree = operations === null || (freeForTokens && viewer.kind === 'API_TOKEN')
  const document = ids.map(id => operations?.documentOf(id) ?? null).find(each => each !== null)
  if (document !== undefined) {
    if (isDocumentGiven && params.query !== document) {
      throw badRequest('The document is not the one that is persisted with this id.')
    }
    return withDocument(document)
  }
  if (isFree) {
    if (ids.length > 0 && !isDocumentGiven) throw persistedQueryNotSupported()
    return ids.length > 0 ? withDocument(params.query) : params
  }
  throw ids.length > 0 ? badRequest('There is no persisted operation with this id.') : persistedOperationRequired()
}

/** What the document may be persisted as. Throws `GraphQLError` when it is no text. */
function idsOf({ documentId, extensions }: OperationParams): readonly string[] {
  if (documentId !== undefined && documentId !== null) {
    if (typeof documentId !== 'string') throw badRequest('"documentId" must be a text.')
    return [documentId]
  }
  // The form of Apollo's and urql's clients, which leaves the prefix out.
  const { persistedQuery } = (extensions ?? {}) as {
    readonly persistedQuery?: { readonly sha256Hash?: unknown } | null
  }
  const hash = persistedQuery?.sha256Hash
  if (hash === undefined || hash === null) return []
  if (typeof hash !== 'string') throw badRequest('"extensions.persistedQuery.sha256Hash" must be a text.')
  return [hash, `sha256:${hash}`]
}

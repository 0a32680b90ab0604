import { badRequest, unavailable } from './schema/graphql-errors.ts'
import { soleViewer, type Viewer } from './services/viewer.ts'

export interface OperationParams {
  readonly query?: unknown
}

/** Longer than any sensible document; the parser counts tokens, but comments and texts may be of any length. */
const maxDocumentLength = 64 * 1024

/** The guard at every door: HTTP and WebSocket ask it the same questions before anything of a request is read. */
export class Admission {
  #isOpen = true

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** From now on nothing is let in. */
  close(): void {
    this.#isOpen = false
  }

  /** Who makes a request. With `AUTH=none` everybody is the same viewer. */
  viewer(): Viewer {
    return soleViewer
  }

  /** Throws `GraphQLError` when the operation may not even be looked at. */
  admit(_viewer: Viewer, { query }: OperationParams): void {
    if (!this.#isOpen) throw unavailable('The server is shutting down.')
    if (typeof query === 'string' && query.length > maxDocumentLength) {
      throw badRequest(`A document may have at most ${maxDocumentLength} characters.`)
    }
  }
}

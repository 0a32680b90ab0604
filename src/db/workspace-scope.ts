/** Stands in paths of the secret store, names of roles and names of files without meaning anything there. */
const workspaceId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/

export const isWorkspaceId = (text: string): boolean => workspaceId.test(text)

/**
 * The right to the rows of one workspace. Stores take this in the place of an id, so that nothing that came with a
 * request can name a workspace: a scope is made only where it is known who asks, and from rows that background work has
 * read (`test/architecture.test.ts` lists the places).
 */
export class WorkspaceScope {
  // Whatever only looks like a scope is none, for the compiler too.
  readonly #isScope = true
  readonly id: string

  private constructor(id: string) {
    this.id = id
  }

  /** Throws a `RangeError` for what is no id of a workspace. */
  static of(id: string): WorkspaceScope {
    if (!isWorkspaceId(id)) throw new RangeError('This is not the id of a workspace.')
    return new WorkspaceScope(id)
  }

  static isScope(value: object): value is WorkspaceScope {
    return #isScope in value
  }
}

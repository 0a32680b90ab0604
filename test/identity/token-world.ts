import { createApiTokenStore } from '../../src/db/api-token-store.ts'
import type { AuthenticationError, AuthenticationFault } from '../../src/identity/authenticator.ts'
import { createTokenAuthenticator } from '../../src/identity/token-authenticator.ts'
import type { CreatedApiToken } from '../../src/services/api-tokens.ts'
import type { AuditActor, AuditEntry, AuditLog } from '../../src/services/audit.ts'
import { createApiTokenService } from '../../src/services/create-api-token-service.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { viewerOf } from '../viewers.ts'

export const minuteMs = 60_000
export const dayMs = 24 * 60 * minuteMs

/** The service and the authenticator over one database, with a clock that the test turns. */
export async function openTokenWorld(testDatabase: TestDatabase, { takesTokens = true } = {}) {
  const database = await testDatabase.open()
  const apiTokenStore = createApiTokenStore(database)
  const clock = { now: new Date('2026-11-23T09:00:00.000Z') }
  const now = () => clock.now
  const recorded: (AuditEntry & { readonly actor: AuditActor })[] = []
  const failing = { audit: false }
  const audit: Pick<AuditLog, 'record'> = {
    record: async (_tx, actor, ...entries) => {
      if (failing.audit) throw new Error('The audit log is full.')
      recorded.push(...entries.map(entry => ({ ...entry, actor })))
    },
  }
  const service = createApiTokenService({ database, apiTokenStore, audit, takesTokens, now })
  const faults: unknown[] = []
  const authenticator = createTokenAuthenticator({
    store: apiTokenStore,
    onFault: fault => void faults.push(fault),
    now,
  })

  return {
    database,
    apiTokenStore,
    service,
    authenticator,
    recorded,
    failing,
    faults,
    now,
    later(ms: number) {
      clock.now = new Date(clock.now.getTime() + ms)
    },
    create: (viewer: Viewer = viewerOf('north'), change: Partial<Parameters<typeof service.create>[1]> = {}) =>
      service.create(viewer, { name: 'CI', rights: { role: 'reader' }, ...change }),
    close: () => database.close(),
  }
}

export type TokenWorld = Awaited<ReturnType<typeof openTokenWorld>>

export const tokenIdOf = ({ token }: CreatedApiToken): string => token.id

/** Why a credential was refused, and whose it was. */
export async function refusalOf(attempt: Promise<unknown>): Promise<{
  readonly fault: AuthenticationFault
  readonly viewerId: string | null
  readonly message: string
  readonly cause?: unknown
}> {
  try {
    await attempt
  } catch (error) {
    const { fault, viewer, message, cause } = error as AuthenticationError
    if (fault === undefined) throw error
    return { fault, viewerId: viewer?.id ?? null, message, ...(cause !== undefined && { cause }) }
  }
  throw new Error('It was accepted.')
}

import type { Config } from './config.ts'
import { createApiTokenStore } from './db/api-token-store.ts'
import type { Database } from './db/database.ts'
import type { Authenticator } from './identity/authenticator.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import type { JwtSettings } from './identity/jwt/settings.ts'
import { createTokenAuthenticator } from './identity/token-authenticator.ts'
import type { Logger } from './log.ts'

interface OpenIdentityOptions {
  readonly config: Pick<Config, 'auth' | 'jwt'>
  readonly database: Database
  readonly logger: Logger
}

export interface OpenIdentity {
  readonly identity: Identity
  /** Resolves when nothing is left to be written. */
  close(): Promise<void>
}

/** Puts together what recognises callers, as `AUTH` says. */
export async function openIdentity({ config, database, logger }: OpenIdentityOptions): Promise<OpenIdentity> {
  const authenticators: Authenticator[] = []
  let close = async () => {}
  if (config.auth.includes('tokens')) {
    const onFault = (error: unknown) => logger.error({ err: error }, 'Fault while API tokens were used')
    const tokens = createTokenAuthenticator({ store: createApiTokenStore(database), onFault })
    authenticators.push(tokens)
    close = () => tokens.settled()
  }
  if (config.jwt !== null) authenticators.push(await openJwt(config.jwt, logger))
  return { identity: createIdentity({ open: config.auth.includes('none'), authenticators }), close }
}

/** What checks signatures is loaded only where it is needed. */
async function openJwt(settings: JwtSettings, logger: Logger): Promise<Authenticator> {
  const { createJwtAuthenticator } = await import('./identity/jwt/create-jwt-authenticator.ts')
  const onKeysChange = (problem: string | null) => {
    if (problem === null) logger.info("The identity provider's keys can be read again")
    else logger.warn({ reason: problem }, "The identity provider's keys cannot be read")
  }
  return createJwtAuthenticator(settings, { onKeysChange })
}

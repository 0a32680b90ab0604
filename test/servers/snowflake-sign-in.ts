import { createHash, createPublicKey, verify } from 'node:crypto'
import type { SnowflakeAccount, SnowflakeUser } from './snowflake-account.ts'
import { SnowflakeRefusalError } from './snowflake-refusal.ts'
import { SnowflakeRights } from './snowflake-rights.ts'

/** What a client sends to sign in. */
export interface SignInRequest {
  readonly ACCOUNT_NAME?: string
  readonly LOGIN_NAME?: string
  readonly PASSWORD?: string
  readonly TOKEN?: string
  readonly AUTHENTICATOR?: string
  readonly SESSION_PARAMETERS?: Readonly<Record<string, unknown>>
  readonly [key: string]: unknown
}

export interface SignedIn {
  readonly user: string
  readonly account: SnowflakeUser
  readonly role: string | null
}

export interface SignInContext {
  readonly account: SnowflakeAccount
  /** Access tokens that an authorization server has handed out: whose they are, and until when they are good. */
  readonly oauthTokens: ReadonlyMap<
    string,
    { readonly user: string; readonly expiresAt: number; readonly role?: string }
  >
  /** How often each user's password has been wrong. */
  readonly failures: Map<string, number>
  readonly now: number
}

/** As many wrong passwords as lock a user for a quarter of an hour. */
export const passwordsUntilLocked = 5

const reference = '3f6a9a1c-2c4f-4d0e-9a51-5a9d5ce8a2b1'
const refuse = (code: string, message: string) => new SnowflakeRefusalError(code, message, '08001')

/** Lets whoever it is in, or throws what Snowflake says. */
export function signIn(request: SignInRequest, asked: { role?: string }, context: SignInContext): SignedIn {
  const { account } = context
  const proved = provedUser(request, context)
  if (account.networkPolicy === 'REFUSES_EVERYBODY') {
    throw refuse(
      '390422',
      'Incoming request with IP/Token 203.0.113.7 is not allowed to access Snowflake. Contact your account administrator. For more information about this error, go to https://community.snowflake.com/s/ip-203-0-113-7-is-not-allowed-to-access.',
    )
  }
  const { state, roles, defaultRole = null } = proved.account
  if (state === 'DISABLED') throw refuse('390101', 'User access disabled. Contact your local system administrator.')
  if (state === 'LOCKED') throw locked()
  const role = asked.role === undefined ? defaultRole : identifier(asked.role)
  const isTheirs = role === null || new SnowflakeRights(account).inherited(roles).has(role)
  if (!isTheirs || !(role === null || role in account.roles)) {
    const words = 'Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.'
    throw refuse('390189', `Role '${role}' specified in the connect string does not exist or not authorized. ${words}`)
  }
  if (proved.onlyRole !== undefined && proved.onlyRole !== role) {
    throw refuse(
      '390189',
      `Role '${role}' specified in the connect string is not granted to this user, or is not permitted for the credentials being used. Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.`,
    )
  }
  return { user: proved.user, account: proved.account, role }
}

/** As it is written in SQL: in upper case without quotes. */
export const identifier = (written: string): string =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toUpperCase()

const locked = () =>
  refuse(
    '390102',
    'Your user account has been temporarily locked due to too many failed attempts. Try again after 15 minutes or contact your account administrator for assistance. For more information about this error, go to https://community.snowflake.com/s/error-your-user-login-has-been-locked.',
  )

interface Proved {
  readonly user: string
  readonly account: SnowflakeUser
  readonly onlyRole?: string | undefined
}

function provedUser(request: SignInRequest, context: SignInContext): Proved {
  switch (request.AUTHENTICATOR) {
    case 'SNOWFLAKE':
    case undefined:
      return byPassword(request, context)
    case 'SNOWFLAKE_JWT':
      return byKeyPair(request, context)
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return byAccessToken(request, context)
    case 'OAUTH':
      return byOauth(request, context)
    default:
      throw refuse('390106', `Authenticator '${request.AUTHENTICATOR}' is not supported.`)
  }
}

function userOf({ LOGIN_NAME = '' }: SignInRequest, { account }: SignInContext): Proved | null {
  const user = LOGIN_NAME.toUpperCase()
  const found = Object.hasOwn(account.users, user) ? account.users[user] : undefined
  return found ? { user, account: found } : null
}

function byPassword(request: SignInRequest, context: SignInContext): Proved {
  const wrong = refuse('390100', 'Incorrect username or password was specified.')
  const user = userOf(request, context)
  if (!user) throw wrong
  const failures = context.failures.get(user.user) ?? 0
  if (failures >= passwordsUntilLocked) throw locked()
  if (user.account.password === undefined || request.PASSWORD !== user.account.password) {
    context.failures.set(user.user, failures + 1)
    throw wrong
  }
  if (user.account.state === 'MUST_ENROL_MFA') {
    throw refuse(
      '390197',
      'Multi-factor authentication is required for this account. Log in to Snowsight to enroll. For more information about this error, go to https://docs.snowflake.com/en/user-guide/security-mfa',
    )
  }
  return user
}

function byKeyPair(request: SignInRequest, context: SignInContext): Proved {
  const invalid = refuse('390144', `JWT token is invalid. [${reference}]`)
  const user = userOf(request, context)
  if (!user || !context.account.names.some(name => isTokenOf(request, name, user, context.now))) throw invalid
  return user
}

/** Signed with one of the user's keys, whose fingerprint it names, issued within the last minute, and not expired. */
function isTokenOf(
  { TOKEN = '' }: SignInRequest,
  accountName: string,
  { user, account }: Proved,
  now: number,
): boolean {
  const [head = '', body = '', signature = ''] = TOKEN.split('.')
  const header = decoded(head)
  const claims = decoded(body)
  const [issued, expires] = [claims['iat'], claims['exp']].map(milliseconds)
  if (header['alg'] !== 'RS256' || issued === undefined || expires === undefined) return false
  if (Math.abs(now - issued) > 60_000 || expires <= now) return false
  return (account.publicKeys ?? []).some(pem => {
    const key = createPublicKey(pem)
    const spki = key.export({ type: 'spki', format: 'der' })
    const fingerprint = `SHA256:${createHash('sha256').update(spki).digest('base64')}`
    const isNamed =
      claims['iss'] === `${accountName}.${user}.${fingerprint}` && claims['sub'] === `${accountName}.${user}`
    const signed = Buffer.from(`${head}.${body}`)
    return isNamed && verify('sha256', signed, key, Buffer.from(signature, 'base64url'))
  })
}

/** The vendor's own driver counts milliseconds where the standard counts seconds. */
const milliseconds = (value: unknown): number | undefined =>
  typeof value === 'number' ? (value > 100_000_000_000 ? value : value * 1_000) : undefined

function decoded(part: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    return {}
  }
}

function byAccessToken(request: SignInRequest, context: SignInContext): Proved {
  const user = userOf(request, context)
  const token = user?.account.accessTokens?.[request.TOKEN ?? '']
  if (!user || !token || token.state === 'EXPIRED') throw refuse('394400', 'Programmatic access token is invalid.')
  if (token.state === 'WITHOUT_NETWORK_POLICY') throw refuse('390432', 'Network policy is required.')
  return { ...user, onlyRole: token.role }
}

function byOauth({ TOKEN = '' }: SignInRequest, { account, oauthTokens, now }: SignInContext): Proved {
  const token = oauthTokens.get(TOKEN)
  const found = token && account.users[token.user]
  if (!token || !found) throw refuse('390303', `Invalid OAuth access token. [${reference}]`)
  if (token.expiresAt <= now) throw refuse('390318', `OAuth access token expired. [${reference}]`)
  return { user: token.user, account: found, onlyRole: token.role }
}

import { z } from 'zod'
import { list, setting, text } from './config-setting.ts'
import { type JwtAlgorithm, type JwtSettings, jwtAlgorithms } from './identity/jwt/settings.ts'
import { isLoopbackHost } from './loopback-host.ts'
import { scopesNamed } from './services/roles.ts'
import type { Scope } from './services/viewer.ts'

const isAlgorithm = (name: string): name is JwtAlgorithm => jwtAlgorithms.some(algorithm => algorithm === name)

function algorithmOf(entry: string): JwtAlgorithm {
  if (!isAlgorithm(entry)) throw new TypeError(entry)
  return entry
}

/** Of `data-team=analyst+audit:read`: what has the value `data-team` may do what `analyst` and `audit:read` open. */
function roleOf(entry: string): readonly [string, readonly Scope[]] {
  const end = Math.max(entry.lastIndexOf('='), 0)
  const value = entry.slice(0, end).trim()
  const names = entry.slice(end + 1).split('+')
  if (value === '') throw new TypeError(entry)
  return [value, names.flatMap(name => scopesNamed(name.trim()) ?? unknownRole(name))]
}

function unknownRole(name: string): never {
  throw new TypeError(name)
}

/** What several entries of one value open adds up. */
function mapped(entries: readonly (readonly [string, readonly Scope[]])[]): JwtSettings['roles'] {
  if (entries.length === 0) return null
  const roles = new Map<string, readonly Scope[]>()
  for (const [value, scopes] of entries) roles.set(value, [...(roles.get(value) ?? []), ...scopes])
  return roles
}

function isPlainUrl(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password, hash } = new URL(value)
  return (
    ['http:', 'https:'].includes(protocol) && username === '' && password === '' && hash === '' && !/[\s#]/.test(value)
  )
}

const isUrlLike = (name: string): boolean => name.includes('://')
const claim = text('must be the name of a claim')
  .regex(/^[^\s\p{Cc}]{1,200}$/u, 'must be the name of a claim: up to 200 characters without blanks')
  .refine(
    name => isUrlLike(name) || name.split('.').every(part => part !== ''),
    'must be the name of a claim, or a path of names with "." between them, none of them empty',
  )

export const jwtSettings = {
  jwtIssuer: setting({
    name: 'JWT_ISSUER',
    description:
      'For `AUTH=jwt`: the identity provider, exactly as it names itself in the claim `iss`, with or without a `/` at the end.',
    default: null,
    example: 'https://login.example.com/realms/data',
    schema: z
      .string()
      .regex(/^[^\s\p{Cc}]{1,500}$/u, 'must be what the identity provider writes into "iss": text without blanks')
      .nullable(),
  }),
  jwtAudience: setting({
    name: 'JWT_AUDIENCE',
    description:
      'What tokens have to be made for, as in their claim `aud`; comma-separated where there are several names for it. A name of Patchbay that nothing else goes by.',
    default: '',
    example: 'https://patchbay.example.com',
    schema: list(
      entry => entry,
      entry => `has the entry "${entry}"`,
    ),
  }),
  jwtJwksUrl: setting({
    name: 'JWT_JWKS_URL',
    description:
      "Address of the identity provider's public keys, a JSON Web Key Set. Redirects are not followed. In development it may be `http` on a loopback address.",
    default: null,
    example: 'https://login.example.com/realms/data/protocol/openid-connect/certs',
    schema: z
      .string()
      .refine(
        isPlainUrl,
        'must be an address such as https://login.example.com/jwks.json, without user, password and #',
      )
      .transform(url => new URL(url).href)
      .nullable(),
    // A user's password does not belong there, nor into the message that says so.
    hidden: true,
  }),
  jwtAlgorithms: setting({
    name: 'JWT_ALGORITHMS',
    description: `Which algorithms tokens may be signed with, comma-separated: ${jwtAlgorithms.map(name => `\`${name}\``).join(', ')}.`,
    default: 'RS256, ES256, EdDSA',
    example: 'RS256',
    schema: list(
      algorithmOf,
      entry =>
        `has the entry "${entry}", and can have ${jwtAlgorithms.join(', ')}: with any other one, whoever can check tokens could make them, or everybody could`,
    ).refine(entries => entries.length > 0, { message: 'must have at least one algorithm', abort: true }),
  }),
  jwtWorkspaceClaim: setting({
    name: 'JWT_WORKSPACE_CLAIM',
    description:
      'Claim with the id of the workspace: a name, or a path such as `app.workspace` into nested claims. A claim of just that name comes first, so that it may be a URL.',
    default: 'workspace',
    example: 'https://example.com/workspace',
    schema: claim,
  }),
  jwtRolesClaim: setting({
    name: 'JWT_ROLES_CLAIM',
    description:
      'Claim with roles or scopes: a list, or a text with spaces between them. A name or a path, as with `JWT_WORKSPACE_CLAIM`.',
    default: 'roles',
    example: 'resource_access.patchbay.roles',
    schema: claim,
  }),
  jwtNameClaim: setting({
    name: 'JWT_NAME_CLAIM',
    description: "Claim with the viewer's name for people to read; where there is none, it is the claim `sub`.",
    default: 'name',
    example: 'preferred_username',
    schema: claim,
  }),
  jwtRoles: setting({
    name: 'JWT_ROLES',
    description:
      'What the values of that claim stand for: comma-separated `value=role`, with scopes or several joined by `+`. When it is set, other values open nothing; when it is not, values are names of roles and scopes themselves.',
    default: '',
    example: 'data-platform=admin, data-team=analyst+connectors:test',
    schema: list(
      roleOf,
      entry => `has the entry "${entry}", which is not one such as data-team=analyst+connectors:test`,
    ).transform(mapped),
  }),
}

/** Undefined: what could not be read, which has been told. */
type JwtValues = {
  readonly [K in keyof typeof jwtSettings]: z.output<(typeof jwtSettings)[K]['schema']> | undefined
} & {
  readonly auth: readonly string[] | undefined
}

/** The settings of JSON Web Tokens put together, with what is wrong about them; null when they are not accepted. */
export function jwtOf(
  values: JwtValues,
  production: boolean,
): { readonly jwt: JwtSettings | null; readonly mistakes: readonly string[] } {
  if (!values.auth?.includes('jwt')) return { jwt: null, mistakes: [] }
  const mistakes = [
    ['JWT_ISSUER', values.jwtIssuer === null],
    ['JWT_AUDIENCE', values.jwtAudience?.length === 0],
    ['JWT_JWKS_URL', values.jwtJwksUrl === null],
  ].flatMap(([name, missing]) => (missing ? [`${name} is not set, which "jwt" in AUTH needs.`] : []))
  if (values.jwtJwksUrl && !isSafe(values.jwtJwksUrl, production)) {
    mistakes.push(
      'JWT_JWKS_URL has an address without encryption, so that whoever is on the way could exchange the keys. Use https.',
    )
  }
  return { jwt: mistakes.length > 0 ? null : complete(values), mistakes }
}

/** Null when something of it could not be read. */
function complete(values: JwtValues): JwtSettings | null {
  const { jwtIssuer: issuer, jwtAudience: audiences, jwtJwksUrl: keysUrl, jwtAlgorithms: algorithms } = values
  const { jwtWorkspaceClaim: workspaceClaim, jwtRolesClaim: rolesClaim, jwtNameClaim: nameClaim } = values
  const { jwtRoles: roles } = values
  if (!issuer || !audiences || !keysUrl || !algorithms || roles === undefined) return null
  if (!workspaceClaim || !rolesClaim || !nameClaim) return null
  return Object.freeze({ issuer, audiences, keysUrl, algorithms, workspaceClaim, rolesClaim, nameClaim, roles })
}

function isSafe(url: string, production: boolean): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || (!production && isLoopbackHost(hostname.replace(/^\[(.*)\]$/, '$1')))
}

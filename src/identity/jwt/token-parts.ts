import { AuthenticationError } from '../authenticator.ts'
import { hasDuplicateNames } from './has-duplicate-names.ts'

export type JsonObject = { readonly [name: string]: unknown }

/** Of tokens with a great many roles; a header of HTTP does not hold much more. */
export const maxTokenLength = 8_192
const maxKeyNameLength = 512

/**
 * What access tokens call themselves (RFC 9068, RFC 7519). Keycloak, Entra ID and others say just `JWT`, some nothing. What
 * calls itself something else, such as a logout token or a proof of possession, is not for signing in.
 */
const accessTokenTypes: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']

export interface TokenParts {
  readonly header: JsonObject
  readonly payload: JsonObject
}

/**
 * Takes a token apart without believing any of it. What could be understood in two ways is refused here, before anything is
 * computed: an encrypted or too long one, one that is not written as it would be written anew, one with two claims of one
 * name, extensions of the signature. Throws `AuthenticationError`.
 */
export function partsOf(token: string): TokenParts {
  if (token.length > maxTokenLength) malformed('it is too long')
  const parts = token.split('.')
  if (parts.length !== 3) malformed('it does not have three parts')
  const [header, payload, signature] = parts.map(bytesOf)
  if (signature === undefined || signature.length === 0) malformed('it has no signature')
  return { header: checkedHeader(jsonOf(header)), payload: jsonOf(payload) }
}

/** Where a part could be written in several ways, there would be several tokens with one signature. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url')
  if (bytes.toString('base64url') !== part) malformed('a part of it is not base64url')
  return bytes
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function jsonOf(bytes: Buffer | undefined): JsonObject {
  let text: string
  let value: unknown
  try {
    text = utf8.decode(bytes)
    value = JSON.parse(text)
  } catch {
    return malformed('a part of it is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('a part of it is no object')
  if (hasDuplicateNames(text)) return malformed('it says one thing twice')
  // Checked above.
  return value as JsonObject
}

function checkedHeader(header: JsonObject): JsonObject {
  const { typ, kid } = header
  if (!accessTokenTypes.includes(typeof typ === 'string' ? typ.toLowerCase() : typ)) {
    throw new AuthenticationError('INVALID', 'The token is of another type than access tokens.')
  }
  // None of them is understood: not even that the payload is not encoded, which `jose` could.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    throw new AuthenticationError('INVALID', 'The token is signed with an extension, and none is supported.')
  }
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > maxKeyNameLength)) {
    malformed('it has no proper name of a key')
  }
  return header
}

function malformed(why: string): never {
  throw new AuthenticationError('MALFORMED', `The token is not a signed JSON Web Token: ${why}.`)
}

import type { VaultReply } from './vault-replies.ts'
import { VaultRefusal } from './vault-replies.ts'

/** What a request does, as policies name it. */
export type VaultOperation = 'create' | 'read' | 'update' | 'delete' | 'list' | 'patch'

export type VaultFields = Readonly<Record<string, unknown>>

export interface BackendRequest {
  readonly operation: VaultOperation
  /** Below the mount. */
  readonly path: string
  readonly query: URLSearchParams
  readonly fields: VaultFields
  /** Of who asks; null for what needs no token. */
  readonly token: string | null
  readonly contentType: string
}

/** A secrets engine, an auth method, or Vault's own endpoints. */
export interface VaultBackend {
  /** What anybody may ask for. */
  readonly isOpen?: (path: string) => boolean
  /** For paths where policies tell creation from update: whether there is something to update. */
  readonly exists?: (path: string) => boolean | null
  /** Throws `VaultRefusal`. */
  handle(request: BackendRequest): VaultReply
}

export const textOf = (fields: VaultFields, name: string): string => {
  const value = fields[name] ?? ''
  if (typeof value === 'string') return value
  throw new VaultRefusal(400, `Field validation failed: error converting input for field "${name}"`)
}

/** A list, or a text with commas. */
export function namesOf(fields: VaultFields, name: string): readonly string[] {
  const value = fields[name] ?? []
  const list = typeof value === 'string' ? value.split(',') : value
  if (!Array.isArray(list)) throw new VaultRefusal(400, `error converting input for field "${name}"`)
  return list.map(each => String(each).trim()).filter(each => each !== '')
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 }

/** Seconds, as a number or such as `1h30m`. */
export function secondsOf(fields: VaultFields, name: string): number {
  const value = fields[name] ?? 0
  if (typeof value === 'number') return value
  const parts = [...String(value).matchAll(/(\d+)([smhd])/g)]
  if (/^\d+$/.test(String(value))) return Number(value)
  if (parts.map(([part]) => part).join('') !== value) {
    throw new VaultRefusal(400, `Field validation failed: error converting input for field "${name}"`)
  }
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (unitSeconds[unit ?? ''] ?? 0), 0)
}

import { type Scope, scopes } from './viewer.ts'

const reader: readonly Scope[] = ['connectors:read', 'datasets:read']
const analyst: readonly Scope[] = [...reader, 'datasets:query', 'datasets:write']
const editor: readonly Scope[] = [
  ...analyst,
  'connectors:write',
  'connectors:test',
  'connectors:delete',
  'datasets:delete',
]

/** Names for sets of scopes: what identity providers and operators give to people and programs. */
export const roles = {
  reader,
  analyst,
  editor,
  auditor: ['audit:read'],
  admin: scopes,
} as const satisfies Readonly<Record<string, readonly Scope[]>>
export type Role = keyof typeof roles

const known: ReadonlySet<string> = new Set(scopes)

/** The scopes of a role's or a scope's name; null for what is neither. */
export function scopesNamed(name: string): readonly Scope[] | null {
  if (known.has(name)) return [name as Scope]
  return Object.hasOwn(roles, name) ? roles[name as Role] : null
}

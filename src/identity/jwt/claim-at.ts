import type { JsonObject } from './token-parts.ts'

/** The claim of exactly that name, and otherwise what a path of names with dots between them leads to. */
export function claimAt(claims: JsonObject, nameOrPath: string): unknown {
  if (Object.hasOwn(claims, nameOrPath)) return claims[nameOrPath]
  return nameOrPath
    .split('.')
    .reduce<unknown>((value, name) => (hasMember(value, name) ? value[name] : undefined), claims)
}

const hasMember = (value: unknown, name: string): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)

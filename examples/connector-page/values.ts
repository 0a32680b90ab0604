import type { Json, JsonObject } from './api.ts'

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value at a path such as `auth.password.username`; undefined where there is none. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  if (path === '') return value
  let at: Json | undefined = value
  for (const key of path.split('.')) {
    at = Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined
  }
  return at
}

/** The whole with another value at a path; undefined takes it away. */
export function withValueAt(whole: Json | undefined, path: string, value: Json | undefined): Json {
  const [key = '', ...rest] = path.split('.')
  if (Array.isArray(whole)) {
    return whole.map((item, index) =>
      String(index) === key ? (rest.length === 0 ? (value ?? null) : withValueAt(item, rest.join('.'), value)) : item,
    )
  }
  const object = isObject(whole) ? whole : {}
  const next = rest.length === 0 ? value : withValueAt(object[key], rest.join('.'), value)
  const others = Object.entries(object).filter(([each]) => each !== key)
  return Object.fromEntries(next === undefined ? others : [...others, [key, next]])
}

/** The change that makes `after` of `before`: what is new, and null for what has gone. Secrets were never in `before`. */
export function patchOf(before: Json | undefined, after: Json | undefined): Json | undefined {
  if (!isObject(before) || !isObject(after)) return JSON.stringify(before) === JSON.stringify(after) ? undefined : after
  const changes = Object.entries(after).flatMap(([key, value]): [string, Json][] => {
    const change = patchOf(before[key], value)
    return change === undefined ? [] : [[key, change]]
  })
  const gone = Object.keys(before)
    .filter(key => !(key in after))
    .map((key): [string, Json] => [key, null])
  // Another alternative comes whole: what went is not to be cleared beside it.
  const isOther = changes.length > 0 && gone.length > 0 && Object.keys(before).length === 1
  const entries = isOther ? changes : [...changes, ...gone]
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

import type { ConfigInput } from '../services/connectors.ts'

/** `{ postgres: {...} }` -> its key and value. GraphQL made sure that exactly one key is given. */
export function toConfigInput(input: object): ConfigInput {
  const given = Object.entries(input).find(([, value]) => value != null)
  if (!given) throw new Error('A value of a @oneOf input has no key.')
  const [inputKey, value] = given
  return { inputKey, value }
}

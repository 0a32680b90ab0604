import { type Form, KeptSecret } from './form.ts'
import { type FormTreeNode, formTree } from './form-tree.ts'
import { chosenAlternative, escapeName, fieldValue, isRecord, isSecretHere, walkValues } from './form-tree-walk.ts'
import type { JsonObject } from './json.ts'
import type { SecretValues } from './secret-values.ts'

/** Where one secret field lies in a configuration. */
export interface SecretField {
  /** Under which the value is stored: items of a list by their `name`, so that reordering moves no secret. */
  readonly secretPath: string
  /** As clients know it: items of a list by their index. */
  readonly path: string
}

/** The secret fields that exist in a configuration, given its chosen alternatives and list items; set or not. */
export function secretFields(form: Form, config: JsonObject): SecretField[] {
  return [...walkValues(formTree(form).root, config)]
    .filter(visit => visit.isSecret)
    .map(({ segments, stableSegments }) => ({ secretPath: stableSegments.join('.'), path: segments.join('.') }))
}

/** Parts a validated value into what is stored in the row and what goes to the secret store. */
export function splitSecrets(form: Form, value: unknown): { config: JsonObject; secrets: SecretValues } {
  const { config, secrets } = partSecrets(form, value)
  return { config, secrets }
}

/** As `splitSecrets`, with the paths of the secrets that are stored already. */
export function partSecrets(
  form: Form,
  value: unknown,
): { config: JsonObject; secrets: SecretValues; keptSecretPaths: string[] } {
  const secrets: Record<string, string> = {}
  const keptSecretPaths: string[] = []
  const config = replaceSecrets(form, value, (secretPath, secret) => {
    if (secret instanceof KeptSecret) keptSecretPaths.push(secretPath)
    else if (secret !== undefined) secrets[secretPath] = String(secret)
    return undefined
  })
  assertJsonLeaves(form, config)
  // Every leaf has just been checked, and groups and lists are made here.
  return { config: config as JsonObject, secrets, keptSecretPaths }
}

/** Puts stored secrets back: the inverse of `splitSecrets`. Defaults that the form gained since are filled in. */
export function joinSecrets(form: Form, config: JsonObject, secrets: SecretValues): unknown {
  return replaceSecrets(form, config, secretPath =>
    Object.hasOwn(secrets, secretPath) ? secrets[secretPath] : undefined,
  )
}

/**
 * Copies a value as the form knows it, with `replace` deciding on every secret: undefined leaves it out. Absent
 * fields get their defaults; fields that the form does not know (any more) are dropped.
 */
export function replaceSecrets(
  form: Form,
  value: unknown,
  replace: (secretPath: string, value: unknown) => unknown,
): unknown {
  const copy = (node: FormTreeNode, from: unknown, path: readonly string[]): unknown => {
    if (node.kind === 'list' && Array.isArray(from)) {
      return from.map((item, index) => {
        const key = node.isKeyed && isRecord(item) ? escapeName(item['name']) : String(index)
        return copy(node.item, item, [...path, key])
      })
    }
    if (!isRecord(from)) return from
    if (node.kind === 'alternatives') {
      const chosen = chosenAlternative(node, from)
      return chosen ? { [chosen.key]: copy(chosen, from[chosen.key], [...path, chosen.key]) } : from
    }
    if (node.kind !== 'group') return from
    const entries = [...node.fields].map(([key, field]): [string, unknown] => {
      const fieldPath = [...path, key]
      const given = fieldValue(node, from, key)
      const isSecret = field.kind === 'secret' && isSecretHere(field, node, from)
      return [key, isSecret ? replace(fieldPath.join('.'), given) : copy(field, given, fieldPath)]
    })
    return Object.fromEntries(entries.filter(([, field]) => field !== undefined))
  }
  return copy(formTree(form).root, value, [])
}

const leafTypes: { readonly [kind: string]: string } = {
  text: 'string',
  secret: 'string',
  choice: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
}

/** A transform that answers another type than it takes would break storage and patches. */
function assertJsonLeaves(form: Form, config: unknown): void {
  for (const { node, value } of walkValues(formTree(form).root, config)) {
    const expected = leafTypes[node.kind]
    if (expected && value !== undefined && typeof value !== expected) {
      throw new Error(
        `Form field "${node.path}" made a ${typeof value} of its input: a transform must answer a ${expected}.`,
      )
    }
  }
}

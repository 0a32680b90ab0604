import { type Form, KeptSecret } from './form.ts'
import { withoutInvisible } from './form-conditions.ts'
import { partSecrets, replaceSecrets } from './form-secrets.ts'
import { type AlternativesNode, type FormTreeNode, formTree, type GroupNode, type ListNode } from './form-tree.ts'
import { chosenAlternative, isRecord } from './form-tree-walk.ts'
import { type FormIssue, formIssue, validateForm } from './form-validation.ts'
import type { JsonObject } from './json.ts'
import type { SecretValues } from './secret-values.ts'

export type PatchResult =
  | {
      readonly ok: true
      readonly config: JsonObject
      /** Secrets that the patch gave, and plain values that it made secret. */
      readonly newSecrets: SecretValues
      /** Stored secrets that the patched configuration still uses. What else was stored is to be forgotten. */
      readonly keptSecretPaths: readonly string[]
    }
  | { readonly ok: false; readonly issues: FormIssue[] }

/**
 * Applies a patch to a stored configuration and validates the whole. What the patch leaves out stays; `null` clears
 * an optional field or a secret, or resets to the default; a required field refuses `null`. The same alternative is
 * merged, another one replaces it and must be complete. Lists are replaced whole, except those whose items hold
 * secrets: there an item is merged into the stored one of the same `name`, and unnamed ones go. Stored values of fields that
 * are no longer visible go too.
 */
export function applyPatch(
  form: Form,
  config: JsonObject,
  storedSecretPaths: ReadonlySet<string>,
  patch: unknown,
): PatchResult {
  const stored = replaceSecrets(form, config, path => (storedSecretPaths.has(path) ? KeptSecret.instance : undefined))
  const issues: FormIssue[] = []
  const { root } = formTree(form)
  const merged = merge(root, stored, patch, { segments: [], issues })
  const validation = validateForm(form, withoutInvisible(root, merged, patch))
  if (!validation.ok) issues.push(...validation.issues)
  if (!validation.ok || issues.length > 0) return { ok: false, issues }
  const { config: patched, secrets, keptSecretPaths } = partSecrets(form, validation.value)
  return { ok: true, config: patched, newSecrets: secrets, keptSecretPaths }
}

interface Merging {
  readonly segments: readonly string[]
  readonly issues: FormIssue[]
}

const under = (at: Merging, segment: string): Merging => ({ ...at, segments: [...at.segments, segment] })

/** What does not fit the form is passed on as it is, for validation to refuse. */
function merge(node: FormTreeNode, stored: unknown, patch: unknown, at: Merging): unknown {
  if (patch === undefined) return stored
  if (patch === null) {
    if (!node.required) return undefined
    at.issues.push(formIssue(at.segments, 'Cannot be cleared: a value is required.'))
    return stored
  }
  switch (node.kind) {
    case 'group':
      return mergeGroup(node, stored, patch, at)
    case 'alternatives':
      return mergeAlternatives(node, stored, patch, at)
    case 'list':
      return node.isKeyed ? mergeKeyedList(node, stored, patch, at) : patch
    default:
      return patch
  }
}

function mergeGroup(node: GroupNode, stored: unknown, patch: unknown, at: Merging): unknown {
  if (!isRecord(stored) || !isRecord(patch)) return patch
  const known = Object.entries(patch).map(([key, value]): [string, unknown] => {
    const field = node.fields.get(key)
    return [key, field ? merge(field, stored[key], value, under(at, key)) : value]
  })
  return Object.fromEntries([...Object.entries(stored), ...known])
}

function mergeAlternatives(node: AlternativesNode, stored: unknown, patch: unknown, at: Merging): unknown {
  if (isRecord(patch) && Object.values(patch).every(value => value === undefined)) return stored
  const chosen = chosenAlternative(node, patch)
  if (!chosen || !isRecord(stored) || !isRecord(patch)) return patch
  const { key } = chosen
  // Where another alternative is stored, there is nothing under this key to merge into.
  return { [key]: merge(chosen, stored[key], patch[key], under(at, key)) }
}

function mergeKeyedList(node: ListNode, stored: unknown, patch: unknown, at: Merging): unknown {
  if (!Array.isArray(stored) || !Array.isArray(patch)) return patch
  const byName = new Map<unknown, unknown>(stored.map(item => [isRecord(item) ? item['name'] : undefined, item]))
  return patch.map((item, index) => {
    const match = isRecord(item) && typeof item['name'] === 'string' ? byName.get(item['name']) : undefined
    return match === undefined ? item : merge(node.item, match, item, under(at, String(index)))
  })
}

import type { z } from 'zod'
import { type Form, KeptSecret } from './form.ts'
import { conditionFaults } from './form-conditions.ts'
import { messageFor } from './form-messages.ts'
import { type FormTreeNode, formTree } from './form-tree.ts'
import { childNode, isRecord, walkValues } from './form-tree-walk.ts'
import type { Remedy } from './problem.ts'

export interface FormIssue {
  /** Dots, from the form's root: `auth.password.username`, `headers.2.value`. */
  readonly path: string
  readonly segments: string[]
  /** A sentence that says how to mend the value. Never holds the value. */
  readonly message: string
  /** Values that may be what was meant. */
  readonly remedies: readonly Remedy[]
}

export type FormValidation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly issues: FormIssue[] }

// Marks of messages that the form's author did not write: they are made from the form's tree.
const missing = '\0missing'
const standard = '\0standard'

/**
 * Validates a whole configuration as a client gives it, with all issues at once. `null` is the same as absent.
 * The value that comes back has its defaults filled in and its transforms applied.
 */
export function validateForm(form: Form, raw: unknown): FormValidation {
  const { root } = formTree(form)
  const input = withoutNulls(root, raw)
  const result = form.schema.safeParse(input, { error: issue => (issue.input === undefined ? missing : standard) })
  const found = result.success ? [] : result.error.issues.flatMap(issue => toFormIssues(root, issue, issue.path))
  const value = result.success ? result.data : input
  const issues = [...found, ...conditionIssues(root, value, found), ...keyedListIssues(root, value)]
  return result.success && issues.length === 0 ? { ok: true, value: result.data } : { ok: false, issues }
}

export function formIssue(segments: readonly PropertyKey[], message: string, suggestion?: string): FormIssue {
  const texts = segments.map(String)
  const path = texts.join('.')
  const remedies: Remedy[] =
    suggestion === undefined
      ? []
      : [{ kind: 'SET_FIELD', title: `Use "${suggestion}"`, field: path, value: suggestion }]
  return { path, segments: texts, message, remedies }
}

function toFormIssues(root: FormTreeNode, issue: z.core.$ZodIssue, path: readonly PropertyKey[]): FormIssue[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => formIssue([...path, key], 'There is no such field.'))
  }
  if (issue.message === missing) return [formIssue(path, 'A value is required.')]
  // Only secrets are unions: of the stored value and, last, of what a new one must be.
  const inner = issue.code === 'invalid_union' ? issue.errors.at(-1) : undefined
  if (inner?.length) return inner.flatMap(each => toFormIssues(root, each, [...path, ...each.path]))
  if (issue.message !== standard) return [formIssue(path, issue.message, suggestionOf(issue))]
  const node = path.reduce<FormTreeNode | undefined>((at, key) => at && childNode(at, String(key)), root)
  return [formIssue(path, messageFor(node, issue))]
}

/** As `judgedBy` gives it. */
function suggestionOf(issue: z.core.$ZodIssue): string | undefined {
  const suggestion: unknown = issue.code === 'custom' ? issue.params?.['suggestion'] : undefined
  return typeof suggestion === 'string' ? suggestion : undefined
}

/** What the fields beside a field make of it. Those that have issues of their own make nothing of it. */
function conditionIssues(root: FormTreeNode, value: unknown, found: readonly FormIssue[]): FormIssue[] {
  const isFaulty = (segments: readonly string[]) => {
    const path = segments.join('.')
    return found.some(issue => issue.path === path || issue.path.startsWith(`${path}.`))
  }
  return [...conditionFaults(root, value, isFaulty)].map(({ segments, message }) => formIssue(segments, message))
}

/** Names must tell the items apart, and what is stored as a secret must stay one. */
function keyedListIssues(root: FormTreeNode, input: unknown): FormIssue[] {
  const issues: FormIssue[] = []
  for (const { node, value, segments, isSecret } of walkValues(root, input)) {
    if (node.kind === 'secret' && !isSecret && value instanceof KeptSecret) {
      issues.push(formIssue(segments, 'Give the value again: a stored secret cannot be turned into plain text.'))
    }
    if (node.kind !== 'list' || !node.isKeyed || !Array.isArray(value)) continue
    const seen = new Set<unknown>()
    for (const [index, item] of value.entries()) {
      const name: unknown = isRecord(item) ? item['name'] : undefined
      if (name !== undefined && seen.has(name)) {
        issues.push(formIssue([...segments, index, 'name'], 'Another item has this name: names must differ.'))
      }
      seen.add(name)
    }
  }
  return issues
}

/** Clients send null for what they leave out. Unknown keys stay, so that they are reported. */
function withoutNulls(node: FormTreeNode, value: unknown): unknown {
  if (node.kind === 'list' && Array.isArray(value)) return value.map(item => withoutNulls(node.item, item))
  if (!isRecord(value) || (node.kind !== 'group' && node.kind !== 'alternatives')) return value
  const entries = Object.entries(value).flatMap(([key, given]): [string, unknown][] => {
    const child = childNode(node, key)
    if (!child) return [[key, given]]
    return given === null || given === undefined ? [] : [[key, withoutNulls(child, given)]]
  })
  return Object.fromEntries(entries)
}

import type { Form } from '../connectors/form.ts'
import { type FormTreeNode, formTree } from '../connectors/form-tree.ts'
import { chosenAlternative, isRecord } from '../connectors/form-tree-walk.ts'
import { validateForm } from '../connectors/form-validation.ts'
import type { JsonValue } from '../connectors/json.ts'
import type { Problem } from '../connectors/problem.ts'

/** A draft with what it needs to be used. */
export interface FilledDraft {
  readonly value: unknown
  /** Values that stand for required ones that are not chosen yet; nobody may see them. */
  readonly standIns: readonly string[]
}

/**
 * A draft that is used to find values for one of its fields, before it is complete. Required fields that are still empty,
 * and whose values can be listed too, get their stand-ins, except those that the asked field needs. The asked field's own
 * value does not matter: where it is none, it is left out, since it may be half a word. Whatever else is missing stays
 * missing.
 */
export function fillOptionsDraft(form: Form, asked: FormTreeNode, draft: unknown): FilledDraft {
  const whole = fill(form, asked, draft, false)
  const validation = validateForm(form, whole.value)
  const isFaulty = !validation.ok && validation.issues.some(({ path }) => `${path}.`.startsWith(`${asked.path}.`))
  return isFaulty ? fill(form, asked, draft, true) : whole
}

function fill(form: Form, asked: FormTreeNode, draft: unknown, withoutAsked: boolean): FilledDraft {
  const standIns: string[] = []
  const value = mapFields(formTree(form).root, draft, (field, given) => {
    const kept = withoutAsked && field.path === asked.path ? undefined : given
    if (!isEmpty(kept)) return kept
    const standIn = standInOf(field, asked)
    if (typeof standIn === 'string') standIns.push(standIn)
    return standIn ?? kept
  })
  return { value, standIns }
}

/**
 * The same for the patch of an edit, where stored values stand for what is being chosen: the patch without the asked field,
 * and without the emptying of fields that cannot be saved empty but are of no importance to it.
 */
export const keepEmptied = (form: Form, asked: FormTreeNode, patch: unknown): unknown =>
  mapFields(formTree(form).root, patch, (field, given) => {
    if (field.path === asked.path) return undefined
    return isEmpty(given) && standInOf(field, asked) !== undefined ? undefined : given
  })

const isEmpty = (value: unknown): boolean => value === undefined || value === null || value === ''

function standInOf({ path, required, liveOptions }: FormTreeNode, asked: FormTreeNode): JsonValue | undefined {
  const isNeeded = asked.liveOptions?.needs?.includes(path) ?? false
  return required && !isNeeded ? liveOptions?.standIn : undefined
}

/** A copy of a value with what `map` makes of every field of its groups, absent ones included; undefined leaves one out. */
function mapFields(node: FormTreeNode, value: unknown, map: (field: FormTreeNode, given: unknown) => unknown): unknown {
  if (!isRecord(value)) return value
  if (node.kind === 'alternatives') {
    const chosen = chosenAlternative(node, value)
    return chosen ? { ...value, [chosen.key]: mapFields(chosen, value[chosen.key], map) } : value
  }
  if (node.kind !== 'group') return value
  const mapped = [...node.fields.values()].map((field): [string, unknown] => [
    field.key,
    mapFields(field, map(field, value[field.key]), map),
  ])
  const entries = [...Object.entries(value).filter(([key]) => !node.fields.has(key)), ...mapped]
  return Object.fromEntries(entries.filter(([, each]) => each !== undefined))
}

const hidden = '…'

/** A problem without the stand-ins that a type may have put into its words: nobody has typed them. */
export function hideStandIns(problem: Problem, standIns: readonly string[]): Problem {
  if (standIns.length === 0) return problem
  const hide = (text: string): string => standIns.reduce((left, standIn) => left.replaceAll(standIn, hidden), text)
  const hideIn = (value: JsonValue): JsonValue =>
    JSON.parse(JSON.stringify(value), (_key, each: JsonValue) =>
      typeof each === 'string' ? hide(each) : each,
    ) as JsonValue
  return {
    ...problem,
    message: hide(problem.message),
    detail: problem.detail === null ? null : hide(problem.detail),
    params: hideIn(problem.params) as Problem['params'],
    // A statement or a value with a hole in it is no remedy.
    remedies: problem.remedies.filter(remedy => JSON.stringify(remedy) === hide(JSON.stringify(remedy))),
  }
}

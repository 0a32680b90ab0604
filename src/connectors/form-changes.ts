import { isDeepStrictEqual } from 'node:util'
import type { Form } from './form.ts'
import { type AlternativesNode, type FormTreeNode, formTree, type GroupNode } from './form-tree.ts'
import { chosenAlternative, fieldValue, isLeaf, isRecord, walkValues } from './form-tree-walk.ts'
import type { JsonObject } from './json.ts'

interface Change {
  readonly path: string
  readonly isDestination: boolean
  /** Inside an alternative that was chosen or left: the choice itself is the change that people see. */
  readonly isInsideSwitch: boolean
}

/**
 * Paths of the fields that differ between two configurations, secrets aside. Choosing another alternative is one
 * change, at the path of the alternatives; a list that grew or shrank is one change, at the path of the list.
 */
export function changedFields(form: Form, before: JsonObject, after: JsonObject): string[] {
  return paths(form, before, after, change => !change.isInsideSwitch)
}

/**
 * Paths of the changed fields that decide where secrets are sent. A destination that appears or disappears with its
 * group or alternative counts: without a tunnel, for instance, the same host may be another machine.
 */
export function changedDestinations(form: Form, before: JsonObject, after: JsonObject): string[] {
  return paths(form, before, after, change => change.isDestination)
}

function paths(form: Form, before: JsonObject, after: JsonObject, wanted: (change: Change) => boolean): string[] {
  const changes = [...differences(formTree(form).root, before, after, [])]
  return [...new Set(changes.filter(wanted).map(change => change.path))]
}

type Path = readonly string[]

const change = (node: FormTreeNode, path: Path, isInsideSwitch = false): Change => ({
  path: path.join('.'),
  isDestination: node.destination,
  isInsideSwitch,
})

function* differences(node: FormTreeNode, before: unknown, after: unknown, path: Path): Generator<Change> {
  if (node.kind === 'group') yield* groupDifferences(node, before, after, path)
  else if (node.kind === 'alternatives') yield* alternativesDifferences(node, before, after, path)
  else if (node.kind === 'list' && Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    for (const [index, item] of before.entries()) {
      yield* differences(node.item, item, after[index], [...path, String(index)])
    }
  } else if (!isDeepStrictEqual(before, after)) {
    yield change(node, path)
    if (!isLeaf(node)) for (const side of [before, after]) yield* destinationsInside(node, side, path)
  }
}

function* groupDifferences(node: GroupNode, before: unknown, after: unknown, path: Path): Generator<Change> {
  for (const [key, field] of node.fields) {
    const [old, now] = [before, after].map(side => (isRecord(side) ? fieldValue(node, side, key) : undefined))
    yield* differences(field, old, now, [...path, key])
  }
}

function* alternativesDifferences(
  node: AlternativesNode,
  before: unknown,
  after: unknown,
  path: Path,
): Generator<Change> {
  const [old, now] = [chosenAlternative(node, before), chosenAlternative(node, after)]
  if (old === now) {
    if (old && isRecord(before) && isRecord(after)) {
      yield* differences(old, before[old.key], after[old.key], [...path, old.key])
    }
    return
  }
  yield change(node, path)
  // Where the whole choice is a destination, its path says it all.
  if (!node.destination) for (const side of [before, after]) yield* destinationsInside(node, side, path)
}

function* destinationsInside(node: FormTreeNode, value: unknown, path: Path): Generator<Change> {
  for (const visit of walkValues(node, value)) {
    if (isLeaf(visit.node) && visit.node.destination && visit.value !== undefined) {
      yield change(visit.node, [...path, ...visit.segments], true)
    }
  }
}

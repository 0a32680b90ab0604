import type { JsonValue } from '../../json.ts'
import type { LeafEntries } from './leaf-reader.ts'
import { type Group, leavesOf, type SchemaNode } from './schema.ts'

/** The values of a column for so many rows, of the entries of its leaves, which are in the order of `leavesOf`. */
export function columnValues(column: SchemaNode, leaves: readonly LeafEntries[], rows: number): readonly JsonValue[] {
  const [only] = leaves
  if (column.kind === 'LEAF' && only && only.repetitions === null) return flatValues(only, rows)
  const cursors = new Map(leaves.map(entries => [entries.leaf.place, new Cursor(entries)]))
  return Array.from({ length: rows }, () => nodeValue(column, cursors))
}

function flatValues({ leaf, definitions, values }: LeafEntries, rows: number): readonly JsonValue[] {
  if (definitions === null || values.length === rows) return values
  let next = 0
  return definitions.map(level => {
    if (level !== leaf.maxDefinition) return null
    next += 1
    return values[next - 1] ?? null
  })
}

/** A leaf's entries, one after the other. */
class Cursor {
  readonly #entries: LeafEntries
  #at = 0
  #valueAt = 0

  constructor(entries: LeafEntries) {
    this.#entries = entries
  }

  get definition(): number {
    const { definitions, leaf } = this.#entries
    return definitions === null ? leaf.maxDefinition : (definitions[this.#at] ?? -1)
  }

  /** 0 where nothing is left, as another row would begin there. */
  get repetition(): number {
    return this.#entries.repetitions?.[this.#at] ?? 0
  }

  /** The value of this entry, and on to the next one. */
  take(): JsonValue {
    const { definition } = this
    if (definition < 0) throw new Error('the columns of a group have different numbers of values')
    this.#at += 1
    if (definition !== this.#entries.leaf.maxDefinition) return null
    this.#valueAt += 1
    return this.#entries.values[this.#valueAt - 1] ?? null
  }
}

type Cursors = ReadonlyMap<number, Cursor>

function nodeValue(node: SchemaNode, cursors: Cursors): JsonValue {
  if (node.repetition === 'REPEATED') return repeated(node, cursors, () => presentValue(node, cursors))
  if (node.repetition === 'OPTIONAL' && isAbsent(node, cursors)) return null
  return presentValue(node, cursors)
}

/** The items of something repeated, of which the next entry is the first. */
function repeated(node: SchemaNode, cursors: Cursors, item: () => JsonValue): readonly JsonValue[] {
  if (isAbsent(node, cursors)) return []
  const items: JsonValue[] = []
  do items.push(item())
  while (firstOf(node, cursors).repetition === node.maxRepetition)
  return items
}

/** Whether there is less than this node; its entry is then taken from all of its leaves. */
function isAbsent(node: SchemaNode, cursors: Cursors): boolean {
  if (firstOf(node, cursors).definition >= node.maxDefinition) return false
  for (const leaf of leavesOf(node)) cursors.get(leaf.place)?.take()
  return true
}

function firstOf(node: SchemaNode, cursors: Cursors): Cursor {
  let first = node
  while (first.kind === 'GROUP') {
    const [child] = first.children
    if (!child) throw new Error(`the group "${node.name}" has no columns`)
    first = child
  }
  const cursor = cursors.get(first.place)
  if (!cursor) throw new Error(`the column "${node.name}" has no values`)
  return cursor
}

function presentValue(node: SchemaNode, cursors: Cursors): JsonValue {
  if (node.kind === 'LEAF') return cursors.get(node.place)?.take() ?? null
  if (node.meaning?.kind === 'LIST') return listValue(node, cursors)
  if (node.meaning?.kind === 'MAP') return mapValue(node, cursors)
  return structValue(node, cursors)
}

function structValue(group: Group, cursors: Cursors): JsonValue {
  // Without a prototype `__proto__` is a field like any other.
  const struct = Object.create(null) as Record<string, JsonValue>
  for (const child of group.children) struct[child.name] = nodeValue(child, cursors)
  return struct
}

/** Newer files have a group around each item, so that an item may be null; older ones repeat the item itself. */
function listValue(group: Group, cursors: Cursors): JsonValue {
  const [items] = group.children
  if (group.children.length !== 1 || items?.repetition !== 'REPEATED') return structValue(group, cursors)
  const [item] = items.kind === 'GROUP' ? items.children : []
  const isWrapped =
    items.kind === 'GROUP' &&
    items.children.length === 1 &&
    item?.repetition !== 'REPEATED' &&
    items.name !== 'array' &&
    items.name !== `${group.name}_tuple`
  return repeated(items, cursors, () => (isWrapped && item ? nodeValue(item, cursors) : presentValue(items, cursors)))
}

/** An object by the texts of the keys; of equal keys the last one counts, as the format says. */
function mapValue(group: Group, cursors: Cursors): JsonValue {
  const [entries] = group.children
  const [key, value] = entries?.kind === 'GROUP' ? entries.children : []
  if (entries?.repetition !== 'REPEATED' || !key) return structValue(group, cursors)
  const map = Object.create(null) as Record<string, JsonValue>
  repeated(entries, cursors, () => {
    const name = nodeValue(key, cursors)
    map[typeof name === 'string' ? name : JSON.stringify(name)] = value ? nodeValue(value, cursors) : null
    return null
  })
  return map
}

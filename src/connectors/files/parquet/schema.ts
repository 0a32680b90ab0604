import { maxSchemaDepth, maxSchemaElements } from './limits.ts'

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY'
export type Repetition = 'REQUIRED' | 'OPTIONAL' | 'REPEATED'
export type TimeUnit = 'MILLIS' | 'MICROS' | 'NANOS'

/** A value as it is stored. */
export type StoredValue = boolean | number | bigint | Uint8Array

/** What values stand for, beyond how they are stored; both ways in which files say it. */
export type Meaning =
  | { readonly kind: 'STRING' | 'ENUM' | 'JSON' | 'BSON' | 'UUID' | 'FLOAT16' | 'DATE' | 'INTERVAL' | 'LIST' | 'MAP' }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'TIME' | 'TIMESTAMP'; readonly unit: TimeUnit; readonly isUtc: boolean }
  | { readonly kind: 'INTEGER'; readonly bits: number; readonly isSigned: boolean }
  | { readonly kind: 'OTHER' }

export interface SchemaElement {
  readonly name: string
  readonly repetition: Repetition
  /** Null for groups. */
  readonly type: PhysicalType | null
  readonly typeLength: number
  readonly children: number
  readonly meaning: Meaning | null
}

interface Node {
  readonly name: string
  readonly repetition: Repetition
  readonly meaning: Meaning | null
  /** Levels of what is optional or repeated, down to this. */
  readonly maxDefinition: number
  /** Levels of what is repeated, down to this. */
  readonly maxRepetition: number
}

export interface Leaf extends Node {
  readonly kind: 'LEAF'
  readonly type: PhysicalType
  readonly typeLength: number
  /** Its place among the leaves, and so among the chunks of a row group. */
  readonly place: number
}

export interface Group extends Node {
  readonly kind: 'GROUP'
  readonly children: readonly SchemaNode[]
}

export type SchemaNode = Leaf | Group

/** The columns of a file, of its flat list of elements. Throws where that is no tree. */
export function schemaTree(elements: readonly SchemaElement[]): readonly SchemaNode[] {
  if (elements.length > maxSchemaElements) throw new Error(`a schema of ${elements.length} elements`)
  const [root] = elements
  if (!root || root.type !== null) throw new Error('there is no schema')
  const builder = new TreeBuilder(elements)
  const columns = builder.children(root.children, { maxDefinition: 0, maxRepetition: 0 }, 1)
  builder.end()
  return columns
}

class TreeBuilder {
  readonly #elements: readonly SchemaElement[]
  #next = 1
  #leaves = 0

  constructor(elements: readonly SchemaElement[]) {
    this.#elements = elements
  }

  children(count: number, parent: Pick<Node, 'maxDefinition' | 'maxRepetition'>, depth: number): readonly SchemaNode[] {
    if (depth > maxSchemaDepth) throw new Error(`more than ${maxSchemaDepth} levels in the schema`)
    if (count < 0 || count > this.#elements.length) throw new Error('the schema is no tree')
    const nodes: SchemaNode[] = []
    while (nodes.length < count) nodes.push(this.#node(parent, depth))
    return nodes
  }

  end(): void {
    if (this.#next !== this.#elements.length) throw new Error('the schema is no tree')
  }

  #node(parent: Pick<Node, 'maxDefinition' | 'maxRepetition'>, depth: number): SchemaNode {
    const element = this.#elements[this.#next]
    if (!element) throw new Error('the schema is no tree')
    this.#next += 1
    const { name, repetition, meaning, type, typeLength } = element
    const node = {
      name,
      repetition,
      meaning,
      maxDefinition: parent.maxDefinition + (repetition === 'REQUIRED' ? 0 : 1),
      maxRepetition: parent.maxRepetition + (repetition === 'REPEATED' ? 1 : 0),
    }
    if (type === null) return { ...node, kind: 'GROUP', children: this.children(element.children, node, depth + 1) }
    if (element.children > 0) throw new Error(`the column "${name}" is a value and has columns`)
    this.#leaves += 1
    return { ...node, kind: 'LEAF', type, typeLength, place: this.#leaves - 1 }
  }
}

/** The leaves under a column, in the order of their chunks. */
export const leavesOf = (node: SchemaNode): readonly Leaf[] =>
  node.kind === 'LEAF' ? [node] : node.children.flatMap(leavesOf)

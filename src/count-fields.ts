import {
  type DocumentNode,
  type ExecutionArgs,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** A field that an operation asks for. */
export interface AskedField {
  readonly field: GraphQLField<unknown, unknown>
  /** Null when they do not fit: then the field is refused for that. */
  args(): Readonly<Record<string, unknown>> | null
}

/**
 * How many fields of an operation are of some kind, wherever they lie: as many as one object at each place can have, so of
 * parts for different object types only those that have the most. A list counts like a single thing, and a field that is
 * asked for twice in the same words counts twice.
 */
export function countFields(args: ExecutionArgs, isCounted: (asked: AskedField) => boolean): number {
  const { schema, document, operationName, variableValues } = args
  const operation = getOperationAST(document, operationName)
  const root = operation && schema.getRootType(operation.operation)
  if (!root) return 0
  // Only needed where arguments matter; variables that do not fit are refused elsewhere.
  let coerced: Record<string, unknown> | undefined
  const variables = () => {
    coerced ??= getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {}).coerced ?? {}
    return coerced
  }
  const isAsked = (field: AskedField['field'], node: FieldNode) =>
    isCounted({ field, args: () => argumentsOf(field, node, variables) })
  return new Counter(schema, document, isAsked).within(root.name, operation.selectionSet)
}

type IsCounted = (field: AskedField['field'], node: FieldNode) => boolean

class Counter {
  readonly #schema: GraphQLSchema
  readonly #document: DocumentNode
  readonly #isCounted: IsCounted
  /** Each fragment is looked at once, however often it is spread: their number can grow with each level. */
  readonly #inFragments = new Map<string, number>()

  constructor(schema: GraphQLSchema, document: DocumentNode, isCounted: IsCounted) {
    this.#schema = schema
    this.#document = document
    this.#isCounted = isCounted
  }

  within(typeName: string, { selections }: SelectionSetNode): number {
    let common = 0
    const ofObjects = new Map<string, number>()
    for (const selection of selections) {
      const { condition, count } = this.#countOf(typeName, selection)
      if (condition === typeName || !isObjectType(this.#schema.getType(condition))) common += count
      else ofObjects.set(condition, (ofObjects.get(condition) ?? 0) + count)
    }
    return common + Math.max(0, ...ofObjects.values())
  }

  /** `condition`: the type for whose objects alone it is asked for. */
  #countOf(typeName: string, selection: SelectionNode): { readonly condition: string; readonly count: number } {
    switch (selection.kind) {
      case Kind.FIELD:
        return { condition: typeName, count: this.#countField(typeName, selection) }
      case Kind.INLINE_FRAGMENT: {
        const condition = selection.typeCondition?.name.value ?? typeName
        return { condition, count: this.within(condition, selection.selectionSet) }
      }
      case Kind.FRAGMENT_SPREAD:
        return this.#countFragment(typeName, selection.name.value)
    }
  }

  #countField(typeName: string, node: FieldNode): number {
    const type = this.#schema.getType(typeName)
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[node.name.value] : undefined
    if (!field) return 0
    const below = node.selectionSet ? this.within(getNamedType(field.type).name, node.selectionSet) : 0
    return below + (this.#isCounted(field, node) ? 1 : 0)
  }

  #countFragment(typeName: string, name: string): { readonly condition: string; readonly count: number } {
    const found = this.#document.definitions.find(
      each => each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === name,
    )
    if (found?.kind !== Kind.FRAGMENT_DEFINITION) return { condition: typeName, count: 0 }
    const condition = found.typeCondition.name.value
    const known = this.#inFragments.get(name)
    const count = known ?? this.within(condition, found.selectionSet)
    this.#inFragments.set(name, count)
    return { condition, count }
  }
}

function argumentsOf(
  field: AskedField['field'],
  node: FieldNode,
  variables: () => Record<string, unknown>,
): Readonly<Record<string, unknown>> | null {
  try {
    return getArgumentValues(field, node, variables())
  } catch {
    return null
  }
}

import {
  type DefinitionNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  Lexer,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  Source,
  syntaxError,
  TokenKind,
  type ValueNode,
} from 'graphql'
import { badRequest } from './schema/graphql-errors.ts'

export interface DocumentLimits {
  /** Names, punctuators, values. */
  readonly tokens: number
  /** Brackets of any kind within each other: what the parser, which calls itself for each, has to bear. */
  readonly nesting: number
  /** Fields within each other, through fragments. */
  readonly depth: number
  /** Fields of an operation, those of fragments counted wherever they are spread. */
  readonly fields: number
  readonly rootFields: number
  readonly aliases: number
  /** One response name in one selection set. */
  readonly repetitions: number
  readonly fragments: number
  readonly spreads: number
  readonly directives: number
  readonly directivesOfOneNode: number
  /** Items of a list in the document; longer ones belong into variables. */
  readonly listItems: number
}

/** Throws `GraphQLError` when a text has too many tokens, or brackets too deep within each other, before it is parsed. */
export function assertTextWithin(text: string, limits: DocumentLimits): void {
  const source = new Source(text)
  const lexer = new Lexer(source)
  let tokens = 0
  let nesting = 0
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    tokens += 1
    if (tokens > limits.tokens) {
      throw syntaxError(source, token.start, `The document has more than ${limits.tokens} tokens.`)
    }
    if (opening.has(token.kind)) nesting += 1
    else if (closing.has(token.kind)) nesting -= 1
    if (nesting > limits.nesting) {
      throw badRequest(`The document's depth is too great: brackets may be ${limits.nesting} deep within each other.`)
    }
  }
}

const opening: ReadonlySet<string> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L])
const closing: ReadonlySet<string> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R])

/**
 * Throws `GraphQLError` when a document asks for more than any client needs. It looks at the document alone, without the
 * schema and before validation, some of whose rules take time that grows with the square of what they are given. What a
 * fragment holds is measured once and counts at each of its places, so neither names nor sharing hide anything.
 */
export function assertDocumentWithin(document: DocumentNode, limits: DocumentLimits): void {
  new Meter(document, limits).check()
}

/** What lies in a selection set, through fragments. */
interface Extent {
  readonly depth: number
  readonly fields: number
  /** Fields that lie in it and not below one of its fields. */
  readonly direct: number
}

const nothing: Extent = { depth: 0, fields: 0, direct: 0 }

type WithSelections = OperationDefinitionNode | FragmentDefinitionNode
type Counted = 'aliases' | 'directives' | 'fragments' | 'spreads'

class Meter {
  readonly #limits: DocumentLimits
  readonly #definitions: readonly DefinitionNode[]
  readonly #fragments = new Map<string, FragmentDefinitionNode>()
  /** Null while it is being measured. */
  readonly #extents = new Map<string, Extent | null>()
  readonly #counts: Record<Counted, number> = { aliases: 0, directives: 0, fragments: 0, spreads: 0 }

  constructor({ definitions }: DocumentNode, limits: DocumentLimits) {
    this.#limits = limits
    this.#definitions = definitions
  }

  check(): void {
    const operations: OperationDefinitionNode[] = []
    for (const definition of this.#definitions) {
      if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition)
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue
      this.#count('fragments')
      // Only one of them would be measured, but all are validated.
      if (this.#fragments.has(definition.name.value)) throw badRequest('Fragments of the document have the same name.')
      this.#fragments.set(definition.name.value, definition)
    }
    // Also those that nothing spreads: they are validated too.
    for (const { name } of this.#fragments.values()) this.#assertExtent(this.#extentOfFragment(name.value))
    for (const operation of operations) {
      const extent = this.#extentOfDefinition(operation)
      this.#assertExtent(extent)
      this.#assert('number of root fields', extent.direct, this.#limits.rootFields)
    }
  }

  #assertExtent({ depth, fields }: Extent): void {
    this.#assert('depth', depth, this.#limits.depth)
    this.#assert('number of fields', fields, this.#limits.fields)
  }

  #extentOfDefinition(definition: WithSelections): Extent {
    this.#checkDirectives(definition.directives)
    for (const variable of definition.variableDefinitions ?? []) {
      this.#checkDirectives(variable.directives)
      if (variable.defaultValue) this.#checkValue(variable.defaultValue)
    }
    return this.#extentOf(definition.selectionSet)
  }

  #extentOf(selectionSet: SelectionSetNode, names: Map<string, number> = new Map()): Extent {
    let { depth, fields, direct } = nothing
    for (const selection of selectionSet.selections) {
      const extent = this.#extentOfSelection(selection, names)
      depth = Math.max(depth, extent.depth)
      fields += extent.fields
      direct += extent.direct
    }
    return { depth, fields, direct }
  }

  /** `names`: how often response names were met in the selection set around it. */
  #extentOfSelection(selection: SelectionNode, names: Map<string, number>): Extent {
    this.#checkDirectives(selection.directives)
    switch (selection.kind) {
      case Kind.FIELD: {
        if (selection.alias) this.#count('aliases')
        this.#repeated(names, (selection.alias ?? selection.name).value)
        for (const { value } of selection.arguments ?? []) this.#checkValue(value)
        const { depth, fields } = selection.selectionSet ? this.#extentOf(selection.selectionSet) : nothing
        return { depth: depth + 1, fields: fields + 1, direct: 1 }
      }
      case Kind.INLINE_FRAGMENT:
        // Parts for different types have the same names; parts without a type belong to what is around them.
        return this.#extentOf(selection.selectionSet, selection.typeCondition ? new Map() : names)
      case Kind.FRAGMENT_SPREAD:
        this.#count('spreads')
        this.#repeated(names, `...${selection.name.value}`)
        return this.#extentOfFragment(selection.name.value)
    }
  }

  #extentOfFragment(name: string): Extent {
    const known = this.#extents.get(name)
    if (known !== undefined) {
      if (known === null) throw badRequest('A fragment of the document spreads itself.')
      return known
    }
    const fragment = this.#fragments.get(name)
    // That it does not exist is said by the language's own rules.
    if (!fragment) return nothing
    this.#extents.set(name, null)
    const extent = this.#extentOfDefinition(fragment)
    this.#extents.set(name, extent)
    return extent
  }

  #repeated(names: Map<string, number>, name: string): void {
    const times = (names.get(name) ?? 0) + 1
    names.set(name, times)
    this.#assert('number of repetitions of one field', times, this.#limits.repetitions)
  }

  #checkDirectives(directives: SelectionNode['directives'] | FragmentDefinitionNode['directives'] = []): void {
    this.#assert('number of directives in one place', directives.length, this.#limits.directivesOfOneNode)
    for (const directive of directives) {
      this.#count('directives')
      for (const { value } of directive.arguments ?? []) this.#checkValue(value)
    }
  }

  #checkValue(value: ValueNode): void {
    if (value.kind === Kind.OBJECT) for (const field of value.fields) this.#checkValue(field.value)
    if (value.kind !== Kind.LIST) return
    this.#assert('number of items of one list', value.values.length, this.#limits.listItems)
    for (const item of value.values) this.#checkValue(item)
  }

  #count(kind: Counted): void {
    this.#counts[kind] += 1
    this.#assert(`number of ${kind}`, this.#counts[kind], this.#limits[kind])
  }

  #assert(what: string, measured: number, allowed: number): void {
    if (measured > allowed) throw tooMuch(what, allowed)
  }
}

const tooMuch = (what: string, allowed: number): GraphQLError =>
  badRequest(`The document's ${what} is too great; at most ${allowed} is allowed.`)

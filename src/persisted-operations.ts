import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { GraphQLError, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql'
import { assertDocumentWithin, assertTextWithin, type DocumentLimits } from './document-limits.ts'
import { OneOfVariablesRule } from './one-of-variables-rule.ts'

const maxFileBytes = 16 * 1024 * 1024
/** More say nothing more. */
const maxMistakesTold = 20

const rules = [...specifiedRules, OneOfVariablesRule]

/** What every document must pass, as any that is sent. */
interface Requirements {
  readonly schema: GraphQLSchema
  readonly limits: DocumentLimits
  /** In characters. */
  readonly maxLength: number
}

/** Of `PERSISTED_OPERATIONS`: every mistake at once. */
export class PersistedOperationsError extends Error {
  readonly mistakes: readonly string[]
  constructor(file: string, mistakes: readonly string[]) {
    const told = mistakes.slice(0, maxMistakesTold)
    const more = mistakes.length - told.length
    const lines = [...told, ...(more > 0 ? [`and ${more} more`] : [])].map(mistake => `- ${mistake}`)
    super(`The persisted operations of ${file} cannot be used:\n${lines.join('\n')}`)
    this.name = 'PersistedOperationsError'
    this.mistakes = mistakes
  }
}

/** The documents that clients may name instead of sending them. Nobody can add one while the program runs. */
export class PersistedOperations {
  readonly #documents: ReadonlyMap<string, string>

  private constructor(documents: ReadonlyMap<string, string>) {
    this.#documents = documents
  }

  /**
   * Reads a file as code generators write it: a JSON object of ids and documents. Every document must fit the schema,
   * and an id that says that it is a SHA-256 must be that of its document. Throws `PersistedOperationsError`.
   */
  static async load(file: string, against: Requirements): Promise<PersistedOperations> {
    const documents = await readDocuments(file)
    const mistakes = [...documents].flatMap(([id, document]) =>
      mistakesOf(id, document, against).map(mistake => `${JSON.stringify(id)} ${mistake}`),
    )
    if (mistakes.length > 0) throw new PersistedOperationsError(file, mistakes)
    return new PersistedOperations(documents)
  }

  get count(): number {
    return this.#documents.size
  }

  /** Null when there is none with this id. */
  documentOf(id: string): string | null {
    return this.#documents.get(id) ?? null
  }
}

const sha256Prefix = 'sha256:'

/** The id that the appendix on persisted documents of GraphQL over HTTP defines for a document. */
export const sha256Id = (document: string): string =>
  sha256Prefix + createHash('sha256').update(document, 'utf8').digest('hex')

async function readDocuments(file: string): Promise<ReadonlyMap<string, string>> {
  const content = await readText(file)
  const wrong = (mistake: string) => new PersistedOperationsError(file, [mistake])
  let value: unknown
  try {
    value = JSON.parse(content)
  } catch (error) {
    throw wrong(`The file is not JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrong('The file must hold one JSON object: { "<id>": "<document>" }.')
  }
  const entries = Object.entries(value)
  if (entries.length === 0) throw wrong('The file has no document.')
  const mistakes: string[] = []
  const documents = entries.flatMap(([id, document]: [string, unknown]): [string, string][] => {
    if (typeof document === 'string') return [[id, document]]
    mistakes.push(`${JSON.stringify(id)} must be a document as text.`)
    return []
  })
  if (mistakes.length > 0) throw new PersistedOperationsError(file, mistakes)
  return new Map(documents)
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > maxFileBytes) {
      throw new PersistedOperationsError(file, [`The file has ${size} bytes; at most ${maxFileBytes} are read.`])
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof PersistedOperationsError || !(error instanceof Error)) throw error
    throw new PersistedOperationsError(file, [`The file cannot be read: ${error.message}.`])
  }
}

function mistakesOf(id: string, document: string, { schema, limits, maxLength }: Requirements): readonly string[] {
  if (id === '') return ['is an empty id.']
  if (id.startsWith(sha256Prefix) && id !== sha256Id(document)) {
    return [`is not the SHA-256 of its document, which is ${sha256Id(document)}.`]
  }
  if (document.length > maxLength) {
    return [`has ${document.length} characters; at most ${maxLength} are allowed.`]
  }
  try {
    assertTextWithin(document, limits)
    const parsed = parse(document)
    assertDocumentWithin(parsed, limits)
    return validate(schema, parsed, rules).map(
      ({ message, locations }) => `does not fit the schema${lineOf(locations)}: ${message}`,
    )
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    return [`cannot be used${lineOf(error.locations)}: ${error.message}`]
  }
}

const lineOf = (locations: GraphQLError['locations']): string => (locations?.[0] ? ` (line ${locations[0].line})` : '')

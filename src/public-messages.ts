import { type DocumentNode, visit } from 'graphql'

/** Longer than any sentence of ours; what is quoted in one may be as long as a request. */
const maxLength = 500

export function clipped(message: string): string {
  return message.length > maxLength ? `${message.slice(0, maxLength)}…` : message
}

/** Takes out the names that messages about a request suggest: suggestions stand at the end. */
export function withoutSuggestion(message: string): string {
  const at = message.indexOf(' Did you mean ')
  return at < 0 ? message : message.slice(0, at)
}

/**
 * Takes out of a message about a request what it quotes and the request does not have itself: names of types, arguments
 * and fields, of which whoever may not read the schema would learn it piece by piece.
 */
export function withoutNames(message: string, known: ReadonlySet<string>): string {
  return message.replace(/"[^"]*"/g, quoted => {
    const words = quoted.match(/[A-Za-z_]\w*/g) ?? []
    return words.every(word => known.has(word) || builtIn.has(word)) ? quoted : '(hidden)'
  })
}

const builtIn: ReadonlySet<string> = new Set([
  'Query',
  'Mutation',
  'Subscription',
  'Boolean',
  'Float',
  'ID',
  'Int',
  'String',
])

/** The names that a request has: of its document, and of the members of its variables. */
export function namesOf(document: DocumentNode, variables: unknown = {}): ReadonlySet<string> {
  const names = new Set<string>()
  visit(document, {
    Name: ({ value }) => void names.add(value),
    EnumValue: ({ value }) => void names.add(value),
  })
  addMembers(variables, names)
  return names
}

/** Variables have been found to be neither deep nor many. */
function addMembers(value: unknown, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value)) {
    for (const word of name.slice(0, maxLength).match(/[A-Za-z_]\w*/g) ?? []) names.add(word)
    addMembers(inner, names)
  }
}

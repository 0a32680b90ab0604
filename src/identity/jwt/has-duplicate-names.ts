/** The strings of a JSON text, those that are names with their colon, and where objects begin and end. */
const pieces = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g

/**
 * Whether an object in a JSON text has two members of one name. Parsers differ in which of them they take, so that two
 * programs could see two different things in one token. `json` has been parsed before: it is known to be JSON.
 */
export function hasDuplicateNames(json: string): boolean {
  const open: Set<string>[] = []
  for (const [piece, colon] of json.matchAll(pieces)) {
    if (piece === '{') open.push(new Set())
    else if (piece === '}') open.pop()
    else if (colon !== undefined) {
      // However it is written: "\u0061" is "a".
      const name: string = JSON.parse(piece.slice(0, -colon.length))
      const names = open.at(-1)
      if (names?.has(name)) return true
      names?.add(name)
    }
  }
  return false
}

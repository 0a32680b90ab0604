/** What a global id stands for: the name of an object type, and the id of a row. */
export interface GlobalId {
  readonly typeName: string
  readonly id: string
}

export const encodeGlobalId = (typeName: string, id: string): string =>
  Buffer.from(`${typeName}:${id}`).toString('base64url')

/** Null for text that no Patchbay ever gave out. */
export function decodeGlobalId(text: string): GlobalId | null {
  const decoded = Buffer.from(text, 'base64url').toString()
  const match = /^([A-Za-z]\w*):([\w-]{1,64})$/.exec(decoded)
  return match?.[1] && match[2] ? { typeName: match[1], id: match[2] } : null
}

import parse from 'jsonpath-rfc9535/parser'

/** What is wrong with a JSONPath as typed; null when nothing is. */
export function jsonPathIssue(text: string): string | null {
  try {
    parse(text)
    return null
  } catch {
    return 'Give a JSONPath of RFC 9535, such as "$.data.items[*]".'
  }
}

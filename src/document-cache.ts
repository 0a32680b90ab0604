import type { DocumentNode, Token } from 'graphql'

interface Cache<T> {
  get(key: string): T | undefined
  set(key: string, value: T): unknown
}

/** A parsed document takes a few hundred bytes for each of its tokens: this is about 40 MB at the worst. */
const maxTokens = 100_000

/**
 * Remembers parsed documents, those that were used last, as many as are bounded in size. Bounded in number alone, as by
 * default, a thousand different documents of the largest size would take hundreds of megabytes.
 */
export function createDocumentCache(): Cache<DocumentNode> {
  const entries = new Map<string, { readonly document: DocumentNode; readonly tokens: number }>()
  let tokens = 0
  const drop = (text: string): void => {
    tokens -= entries.get(text)?.tokens ?? 0
    entries.delete(text)
  }
  return {
    get(text) {
      const entry = entries.get(text)
      if (!entry) return undefined
      // A map keeps the order of insertion: the first is the one that was not used for longest.
      entries.delete(text)
      entries.set(text, entry)
      return entry.document
    },
    set(text, document) {
      drop(text)
      const entry = { document, tokens: weightOf(text, document) }
      entries.set(text, entry)
      tokens += entry.tokens
      for (const oldest of entries.keys()) {
        if (tokens <= maxTokens) break
        drop(oldest)
      }
    },
  }
}

/** For what is refused when it is parsed: that is quick, and who sends it need not be remembered. */
export const noCache: Cache<Error> = { get: () => undefined, set: () => undefined }

/** In tokens. Comments and long texts weigh too. */
function weightOf(text: string, { loc }: DocumentNode): number {
  let count = 0
  for (let token: Token | null | undefined = loc?.startToken; token; token = token.next) count += 1
  return count + Math.ceil(text.length / 200)
}

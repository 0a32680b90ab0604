import { type DocumentNode, type ParseOptions, parse, type Source } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { assertDocumentWithin, assertTextWithin, type DocumentLimits } from './document-limits.ts'

/** Refuses documents beyond `limits` before they are validated, most of them before they are parsed. */
export function useParseLimits(limits: DocumentLimits): Plugin {
  const limited = (source: string | Source, options?: ParseOptions): DocumentNode => {
    assertTextWithin(typeof source === 'string' ? source : source.body, limits)
    const document = parse(source, options)
    assertDocumentWithin(document, limits)
    return document
  }
  return {
    onParse({ setParseFn }) {
      setParseFn(limited)
    },
  }
}

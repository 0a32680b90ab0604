import { type DocumentNode, type ParseOptions, parse, type Source } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** Stops reading a document after `maxTokens`: what comes after the parser costs more than the parser itself. */
export function useParseLimits({ maxTokens }: { readonly maxTokens: number }): Plugin {
  const limited = (source: string | Source, options?: ParseOptions): DocumentNode =>
    parse(source, { ...options, maxTokens })
  return {
    onParse({ setParseFn }) {
      setParseFn(limited)
    },
  }
}

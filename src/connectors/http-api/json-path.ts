import parse, { type JsonPathQuery } from 'jsonpath-rfc9535/parser'

export type Segment = JsonPathQuery['segments'][number]

/**
 * Brackets within brackets. The parser tries some readings of one three times over, one within the other: with twenty of
 * them, which fit into a line, it would never come to an end.
 */
const maxBrackets = 4
/** How many times over one value may be selected. */
const maxTimes = 16

export type ReadJsonPath =
  | { readonly kind: 'PATH'; readonly segments: readonly Segment[] }
  | { readonly kind: 'NONE'; readonly issue: string }

/**
 * Reads a JSONPath of RFC 9535 as far as it can be evaluated in a time that grows with the document alone: nothing stops an
 * evaluation that has begun. So there are no patterns (`match` and `search` are JavaScript's, which take forever when they are
 * meant to), no more than one `..`, and filters look at their own item only.
 */
export function readJsonPath(text: string): ReadJsonPath {
  if (depthOf(text) > maxBrackets) return refused('Use fewer parentheses within each other.')
  let segments: readonly Segment[]
  try {
    segments = parse(text).segments
  } catch {
    return refused('Give a JSONPath of RFC 9535, such as "$.data.items[*]".')
  }
  const use: Use = { descendants: 0, times: 1, absolute: false, patterns: false, deep: false }
  look(segments, use, false)
  if (use.patterns)
    return refused('Compare with "==" and the like: the functions match() and search() are not offered.')
  if (use.absolute)
    return refused('Begin paths in a filter with "@": what else the answer holds cannot be looked at there.')
  if (use.deep || use.descendants > 1) return refused('Use ".." once, and not in a filter.')
  if (use.times > maxTimes) return refused('Select each value once: there are too many selectors in brackets.')
  return { kind: 'PATH', segments }
}

/** What is wrong with a JSONPath as typed; null when nothing is. */
export function jsonPathIssue(text: string): string | null {
  const read = readJsonPath(text)
  return read.kind === 'NONE' ? read.issue : null
}

const refused = (issue: string): ReadJsonPath => ({ kind: 'NONE', issue })

/** Of parentheses, counted rather too high than too low: those within texts count too. */
function depthOf(text: string): number {
  let depth = 0
  let most = 0
  for (const character of text) {
    if (character === '(') depth += 1
    else if (character === ')') depth = Math.max(0, depth - 1)
    most = Math.max(most, depth)
  }
  return most
}

interface Use {
  descendants: number
  /** The selectors of all brackets, multiplied. */
  times: number
  absolute: boolean
  patterns: boolean
  /** Whether a filter has a descendant segment. */
  deep: boolean
}

/** Walks all that a path is made of; `inFilter`: within a filter of it. */
function look(part: unknown, use: Use, inFilter: boolean): void {
  if (Array.isArray(part)) {
    for (const item of part) look(item, use, inFilter)
    return
  }
  if (typeof part !== 'object' || part === null) return
  const { type, name, selectors } = part as {
    readonly type?: unknown
    readonly name?: unknown
    readonly selectors?: unknown
  }
  if (type === 'DescendantSegment') {
    use.descendants += 1
    use.deep ||= inFilter
  }
  if (Array.isArray(selectors)) use.times *= selectors.length
  if (inFilter && (type === 'JsonPathQuery' || type === 'AbsSingularQuery')) use.absolute = true
  if (type === 'FunctionExpr' && (name === 'match' || name === 'search')) use.patterns = true
  for (const inner of Object.values(part)) look(inner, use, inFilter || type === 'FilterSelector')
}

/** Whether a segment selects by a filter. */
export const isFilter = ({ node }: Segment): boolean =>
  node.type === 'BracketedSelection' && node.selectors.some(({ type }) => type === 'FilterSelector')

/** Whether a segment selects any number of values: all, or a slice. */
export const isMany = ({ type, node }: Segment): boolean =>
  type === 'DescendantSegment' ||
  node.type === 'WildcardSelector' ||
  (node.type === 'BracketedSelection' &&
    node.selectors.some(selector => selector.type === 'WildcardSelector' || selector.type === 'SliceSelector'))

/** A path as text, of segments without filters. */
export const pathText = (segments: readonly Segment[]): string => `$${segments.map(segmentText).join('')}`

function segmentText({ type, node }: Segment): string {
  const dots = type === 'DescendantSegment' ? '..' : ''
  if (node.type === 'WildcardSelector') return dots === '' ? '.*' : '..*'
  if (node.type === 'MemberNameShorthand') return `${dots || '.'}${node.value}`
  const selectors = node.selectors.map(selector => {
    switch (selector.type) {
      case 'NameSelector':
        return JSON.stringify(selector.value)
      case 'IndexSelector':
        return String(selector.value)
      case 'SliceSelector':
        return `${selector.start ?? ''}:${selector.end ?? ''}:${selector.step ?? 1}`
      case 'WildcardSelector':
        return '*'
      default:
        throw new Error('A filter has no text here.')
    }
  })
  return `${dots}[${selectors.join(',')}]`
}

/** As RFC 9110 writes names of fields. */
const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

/** What HTTP itself needs, and what would let a request pose as another: nobody's to set. */
const ours = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'content-length',
  'content-encoding',
  'accept-encoding',
  'date',
  'via',
  'forwarded',
  'http2-settings',
])

/** What is wrong with the name of a header of a connector; null when nothing is. */
export function headerNameIssue(text: string): string | null {
  if (!token.test(text)) return 'Give the name of a header: letters, digits and hyphens.'
  const name = text.toLowerCase()
  if (ours.has(name) || name.startsWith('x-forwarded-') || name.startsWith('sec-')) {
    return `The header ${text} is set by Patchbay alone.`
  }
  return null
}

/** What a dataset may add to the headers of its connector: how to answer, never who asks. */
const allowed = new Set(['accept', 'accept-language', 'prefer', 'range-unit', 'if-none-match', 'if-modified-since'])

/** What is wrong with the name of a header of a dataset, whose author need not know the connector's secrets; null when nothing is. */
export function datasetHeaderNameIssue(text: string): string | null {
  const issue = headerNameIssue(text)
  if (issue !== null) return issue
  const name = text.toLowerCase()
  if (allowed.has(name) || name.startsWith('x-')) return null
  return 'A dataset may set Accept, Accept-Language, Prefer, If-None-Match, If-Modified-Since and headers that begin with "X-".'
}

/** What is wrong with the value of a header; null when nothing is. */
export const headerValueIssue = (text: string): string | null =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text
    ? null
    : 'Give one line of text without characters beyond Latin-1, and without spaces around it.'

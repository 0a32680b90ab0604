import { namesMethod } from './names-method.ts'

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
  'true-client-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-http-host-override',
  'x-original-host',
  'x-original-uri',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
])

/** What is wrong with the name of a header of a connector; null when nothing is. */
export function headerNameIssue(text: string): string | null {
  if (!token.test(text)) return 'Give the name of a header: letters, digits and hyphens.'
  // To many servers an underscore is a hyphen.
  const name = text.toLowerCase().replaceAll('_', '-')
  if (ours.has(name) || name.startsWith('x-forwarded-') || name.startsWith('sec-') || namesMethod(text)) {
    return `The header ${text} is set by Patchbay alone.`
  }
  return null
}

/** What a dataset may add to the headers of its connector: how to answer, never who asks. */
const allowed = new Set(['accept', 'accept-language', 'prefer'])

/** What is wrong with the name of a header of a dataset, whose author need not know the connector's secrets; null when nothing is. */
export function datasetHeaderNameIssue(text: string): string | null {
  const issue = headerNameIssue(text)
  if (issue !== null) return issue
  const name = text.toLowerCase()
  if (allowed.has(name) || name.startsWith('x-')) return null
  return 'A dataset may set Accept, Accept-Language, Prefer and headers that begin with "X-".'
}

/** What is wrong with the value of a header; null when nothing is. */
export const headerValueIssue = (text: string): string | null =>
  /^[\t\x20-\x7e\x80-\xff]*$/.test(text) && text.trim() === text
    ? null
    : 'Give one line of text without characters beyond Latin-1, and without spaces around it.'

import type { z } from 'zod'
import type { Constraints } from './form-constraints.ts'
import type { FormTreeNode } from './form-tree.ts'

/** What to do about a value that a check of zod refused and whose author wrote no message. Never tells the value. */
export function messageFor(node: FormTreeNode | undefined, issue: z.core.$ZodIssue): string {
  switch (node?.kind) {
    case 'text':
    case 'secret':
      if (issue.code === 'invalid_type') return 'Must be text.'
      if (issue.code === 'invalid_format') return formatMessage(issue.format)
      return lengthMessage(node, issue.code, 'character')
    case 'integer':
      return rangeMessage('a whole number', node)
    case 'number':
      return rangeMessage('a number', node)
    case 'boolean':
      return 'Must be true or false.'
    case 'choice':
      return `Must be one of ${Object.keys(node.choices).join(', ')}.`
    case 'list':
      return issue.code === 'invalid_type' ? 'Must be a list.' : lengthMessage(node, issue.code, 'item')
    case 'alternatives':
      return `Must be an object with one of ${[...node.alternatives.keys()].join(', ')}.`
    case 'group':
      return issue.code === 'invalid_value' ? 'Must be true, or left out.' : 'Must be an object with fields.'
    default:
      return 'Is not valid.'
  }
}

function rangeMessage(noun: string, { minimum, maximum }: Constraints): string {
  if (minimum !== null && maximum !== null) return `Must be ${noun} between ${minimum} and ${maximum}.`
  if (minimum !== null) return `Must be ${noun} of at least ${minimum}.`
  return maximum === null ? `Must be ${noun}.` : `Must be ${noun} of at most ${maximum}.`
}

function lengthMessage({ minLength, maxLength }: Constraints, code: string, unit: string): string {
  const counted = (count: number) => `${count} ${unit}${count === 1 ? '' : 's'}`
  if (code === 'too_small' && minLength !== null) {
    if (minLength === maxLength) return `Must have exactly ${counted(minLength)}.`
    return minLength === 1 ? 'Must not be empty.' : `Must have at least ${counted(minLength)}.`
  }
  if (code === 'too_big' && maxLength !== null) return `Must have at most ${counted(maxLength)}.`
  return 'Is not valid.'
}

const formats: { readonly [format: string]: string } = {
  email: 'an e-mail address',
  url: 'a URL, with its scheme',
  uuid: 'a UUID',
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  cidrv4: 'an IPv4 network, such as 10.0.0.0/8',
  cidrv6: 'an IPv6 network, such as 2001:db8::/32',
  datetime: 'a date and time in ISO 8601',
  date: 'a date in ISO 8601',
}

const formatMessage = (format: string): string => `Must be ${formats[format] ?? 'in the right format'}.`

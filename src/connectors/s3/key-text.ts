import { z } from 'zod'
import { judgedBy, nulIssue } from '../text-checks.ts'

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html: 1,024 bytes of UTF-8. */
export const maxKeyBytes = 1_024

function keyIssue(text: string): string | null {
  if (!text.isWellFormed()) return 'Remove the characters that are not valid Unicode.'
  if (Buffer.byteLength(text) > maxKeyBytes) return `Give no more than ${maxKeyBytes} bytes: keys are not longer.`
  // HTTP clients and proxies take them for parts of a path, and would ask for another object.
  return text.split('/').some(part => part === '.' || part === '..') ? 'Remove the parts "." and "..".' : null
}

/** A key of an object, or the beginning of one. `maxLength` in characters. */
export const keyText = (maxLength: number) =>
  z.string().min(1).max(maxLength, { abort: true }).check(judgedBy(nulIssue)).check(judgedBy(keyIssue))

/** Names under which JSON keeps what is secret, and endings of those that only tell where or which it is. */
const secretName = /pass|secret|token|credential|signature|private|(?:^|[^a-z])key/i
const publicEnding = /(?:_id|Id|_ids|_ur[il]|Ur[il]|_type|Type)$/

/** What is shorter is no key of a file: such a text is rather a password that looks like one. */
const shortestKey = 16
/** Deeper ones are no key file of anybody's. */
const maxDepth = 10

/**
 * What is secret in a secret: all of it, but of a JSON object with secrets in it only these. Whoever signs in by such a
 * file, and with which of its keys, is told to readers; its secret is looked for wherever it is taken out of the file.
 */
export function secretParts(secret: string): readonly string[] {
  const parts = secret.trimStart().startsWith('{') ? partsOf(parsed(secret), 0) : []
  return parts.length === 0 ? [secret] : parts
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function partsOf(value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > maxDepth) return []
  return Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
    if (typeof item !== 'string') return partsOf(item, depth + 1)
    const isSecret = (secretName.test(name) && !publicEnding.test(name)) || /-----BEGIN .*PRIVATE KEY/.test(item)
    return isSecret && item.length >= shortestKey ? [item] : []
  })
}

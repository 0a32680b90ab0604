import type { IncomingMessage } from 'node:http'

const name = 'authorization'

/** Every value of the header: Node's own view keeps only the first. */
export function authorizationsOf({ headers, rawHeaders }: IncomingMessage): readonly string[] {
  if (headers[name] === undefined) return []
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}

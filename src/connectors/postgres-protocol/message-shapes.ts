/**
 * Whether a message's body is what its type says: https://www.postgresql.org/docs/current/protocol-message-formats.html.
 * Null when it is; otherwise the fault in words. For rows see `rowFault`.
 */
export function messageFault(type: string, body: Buffer): string | null {
  switch (type) {
    case 'T':
      return isRowDescription(body) ? null : malformed
    case 'R':
      return isAuthenticationRequest(body) ? null : malformed
    case 'E':
    case 'N':
      return isFieldList(body) ? null : malformed
    case 'C':
      return isTexts(body, 1) ? null : malformed
    case 'S':
      return isTexts(body, 2) ? null : malformed
    case 'A':
      return body.length > 4 && isTexts(body.subarray(4), 2) ? null : malformed
    case 'K':
      return body.length === 8 ? null : malformed
    case 'Z':
      return body.length === 1 && transactionStates.includes(body[0] ?? 0) ? null : malformed
    case 't':
      return body.length >= 2 && body.length === 2 + 4 * body.readUInt16BE(0) ? null : malformed
    default:
      return body.length === 0 ? null : malformed
  }
}

const malformed = 'it sent a malformed message'
/** Idle, in a transaction, in a failed one. */
const transactionStates: readonly number[] = [0x49, 0x54, 0x45]

/** Exactly so many texts, each ended by a NUL, and nothing else. */
function isTexts(body: Buffer, count: number): boolean {
  let end = -1
  for (let left = count; left > 0; left--) {
    end = body.indexOf(0, end + 1)
    if (end === -1) return false
  }
  return end === body.length - 1
}

/** Fields of an error or notice: whoever reads one after the other finds the NUL that ends them within the message. */
const isFieldList = (body: Buffer): boolean => body.at(-1) === 0 && (body.length === 1 || body.at(-2) === 0)

function isAuthenticationRequest(body: Buffer): boolean {
  if (body.length < 4) return false
  const kind = body.readInt32BE(0)
  // AuthenticationOk, CleartextPassword; MD5Password with its salt; SASL with the names of its mechanisms.
  if (kind === 0 || kind === 3) return body.length === 4
  if (kind === 5) return body.length === 8
  return kind !== 10 || isFieldList(body.subarray(4))
}

/** Beside its name a column has 18 bytes. */
function isRowDescription(body: Buffer): boolean {
  if (body.length < 2) return false
  let at = 2
  for (let left = body.readInt16BE(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    if (end === -1) return false
    at = end + 19
  }
  return at === body.length && body.readInt16BE(0) >= 0
}

/**
 * The same for the body of a DataRow, which lies in `bytes` from `start` to `end`: there are millions of them. `columns`: of
 * the last RowDescription.
 */
export function rowFault(bytes: Buffer, start: number, end: number, columns: number): string | null {
  if (end - start < 2) return malformed
  const count = bytes.readInt16BE(start)
  if (count !== columns) return 'it sent a row with another number of columns than it had announced'
  let at = start + 2
  for (let left = count; left > 0; left--) {
    if (at + 4 > end) return malformed
    const length = bytes.readInt32BE(at)
    // -1: no value.
    if (length < -1 || length > end - at - 4) return malformed
    at += 4 + Math.max(0, length)
  }
  return at === end ? null : malformed
}

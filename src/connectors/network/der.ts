/** One value of DER (ITU-T X.690): just enough to look into certificates and keys before anything costly is done. */
export interface DerValue {
  readonly tag: number
  readonly body: Uint8Array
}

/** Of what is looked into, nothing has more members. */
const maxValues = 64

/** The values that `bytes` holds one after the other; null when it is not DER. */
export function derValues(bytes: Uint8Array): DerValue[] | null {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at]
    const first = bytes[at + 1]
    if (tag === undefined || first === undefined || values.length >= maxValues) return null
    const digits = first < 0x80 ? 0 : first & 0x7f
    if (digits > 4 || first === 0x80) return null
    const length =
      digits === 0 ? first : bytes.subarray(at + 2, at + 2 + digits).reduce((sum, byte) => sum * 256 + byte, 0)
    const start = at + 2 + digits
    if (start + length > bytes.length) return null
    values.push({ tag, body: bytes.subarray(start, start + length) })
    at = start + length
  }
  return values
}

export const derTags = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const

/** The members of `value` when it is a sequence; empty otherwise. */
export const derMembers = (value: DerValue | undefined): DerValue[] =>
  value?.tag === derTags.sequence ? (derValues(value.body) ?? []) : []

/** The members of the sequence that `bytes` begins with; empty when there is none. */
export const derSequence = (bytes: Uint8Array): DerValue[] => derMembers(derValues(bytes)?.[0])

/** Object identifiers in the private keys of RFC 5208, RFC 5958 and RFC 8018. */
export const keyOids = {
  rsa: '1.2.840.113549.1.1.1',
  ec: '1.2.840.10045.2.1',
  ed25519: '1.3.101.112',
  pbes2: '1.2.840.113549.1.5.13',
} as const

/** An object identifier in dots; empty when `value` is none. */
export function derOid(value: DerValue | undefined): string {
  if (value?.tag !== derTags.oid) return ''
  const arcs: number[] = []
  let arc = 0
  for (const byte of value.body) {
    arc = arc * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const root = Math.min(2, Math.floor(first / 40))
  return [root, first - root * 40, ...rest].join('.')
}

/** An integer that is not negative; Infinity when it is too large to count with. NaN when `value` is none. */
export function derInteger(value: DerValue | undefined): number {
  if (value?.tag !== derTags.integer) return Number.NaN
  return value.body.length > 7 ? Number.POSITIVE_INFINITY : value.body.reduce((sum, byte) => sum * 256 + byte, 0)
}

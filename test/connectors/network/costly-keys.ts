import { randomBytes } from 'node:crypto'

/** Private keys that take minutes or hours to read, written by hand: no program makes them. */
const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(contents)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const digits = length.subarray(
    Math.max(
      0,
      length.findIndex(byte => byte > 0),
    ),
  )
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x80 | digits.length, ...digits]
  return Buffer.concat([Buffer.from(head), body])
}
const sequence = (...items: readonly Uint8Array[]) => der(0x30, ...items)
const octets = (content: Uint8Array) => der(0x04, content)
const integer = (value: number | Uint8Array): Buffer => {
  if (typeof value !== 'number') return der(0x02, Buffer.from([0]), value)
  const bytes = Buffer.alloc(5)
  bytes.writeUInt32BE(value, 1)
  return der(0x02, bytes.subarray(bytes.findIndex((byte, at) => at === 4 || byte > 0 || (bytes[at + 1] ?? 0) > 127)))
}
const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

const large = (bytes: number): Buffer => {
  const value = randomBytes(bytes)
  value[0] = 0xff
  value[bytes - 1] = 0xff
  return value
}

/** A DSA key with a modulus of so many bytes: OpenSSL raises to its power at once. 8192 bytes take more than a minute. */
export const dsaKey = (modulusBytes: number): string =>
  sequence(
    integer(0),
    sequence(oid('2a8648ce380401'), sequence(integer(large(modulusBytes)), integer(large(32)), integer(2))),
    octets(integer(large(modulusBytes - 1))),
  ).toString('base64')

const pbes2 = (derivation: Uint8Array, contentBytes: number): string =>
  sequence(
    sequence(
      oid('2a864886f70d01050d'),
      sequence(derivation, sequence(oid('60864801650304012a'), octets(randomBytes(16)))),
    ),
    octets(randomBytes(contentBytes)),
  ).toString('base64')

/** An encrypted key whose passphrase is stretched in `rounds` rounds of PBKDF2. */
export const pbkdf2Key = (rounds: number, contentBytes = 160): string =>
  pbes2(sequence(oid('2a864886f70d01050c'), sequence(octets(randomBytes(8)), integer(rounds))), contentBytes)

/** An encrypted key whose passphrase is stretched by scrypt. */
export const scryptKey = (cost: number, blockSize: number, parallel: number): string =>
  pbes2(
    sequence(
      oid('2b06010401da47040b'),
      sequence(octets(randomBytes(8)), integer(cost), integer(blockSize), integer(parallel)),
    ),
    160,
  )

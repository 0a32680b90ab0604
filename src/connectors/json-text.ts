const quote = 0x22
const backslash = 0x5c
const space = 0x20
const highBit = 0x80
/** The same bits in each of a word's four bytes. */
const highBits = 0x80808080

export interface TextKind {
  /** A quote, a backslash or a control character is in it: it is not its own JSON. */
  readonly needsEscapes: boolean
  /** All of it is ASCII, and so UTF-8. */
  readonly ascii: boolean
}

const plain: TextKind = { needsEscapes: false, ascii: true }
const beyondAscii: TextKind = { needsEscapes: false, ascii: false }
const special: TextKind = { needsEscapes: true, ascii: false }

/**
 * What bytes `from` to `to` of a buffer are as text between the quotes of JSON. `words` is the same memory from its
 * beginning: most of it is looked at four bytes at a time, as no built-in function knows all that JSON escapes.
 */
export function kindOfText(bytes: Uint8Array, words: Int32Array, from: number, to: number): TextKind {
  const firstWord = (from + 3) >> 2
  const lastWord = to >> 2
  if (firstWord >= lastWord) return kindOfBytes(bytes, from, to)
  const head = kindOfBytes(bytes, from, firstWord << 2)
  const tail = kindOfBytes(bytes, lastWord << 2, to)
  if (head.needsEscapes || tail.needsEscapes) return special
  let found = 0
  let seen = 0
  for (let index = firstWord; index < lastWord; index += 1) {
    const word = words[index] as number
    seen |= word
    found |= specialBits(word)
  }
  if ((found & highBits) !== 0) return special
  return (seen & highBits) === 0 && head.ascii && tail.ascii ? plain : beyondAscii
}

/**
 * Has a high bit where a byte is special, in the lowest such byte at least; none in a word without. Bytes below 0x21 after
 * their second bit has been turned are the control characters and the quote; subtracting borrows from a byte's high
 * bit only there. Bytes that had a high bit before are not ASCII, and not special.
 */
const specialBits = (word: number): number =>
  (((word ^ 0x02020202) - 0x21212121) | ((word ^ 0x5c5c5c5c) - 0x01010101)) & ~word

function kindOfBytes(bytes: Uint8Array, from: number, to: number): TextKind {
  let kind = plain
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at] as number
    if (byte < space || byte === quote || byte === backslash) return special
    if (byte >= highBit) kind = beyondAscii
  }
  return kind
}

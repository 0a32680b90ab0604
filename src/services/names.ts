import { isStorableText } from '../db/storable-text.ts'

/** What is wrong with a text, or null. */
type Fault = string | null

const maxNameLength = 200
const maxNameKeyBytes = 1600
const maxDescriptionLength = 2000
const maxExternalKeyLength = 200
const maxIdempotencyKeyLength = 255

// Code points, not UTF-16 units: what a reader would count.
const lengthOf = (text: string): number => [...text].length

/** A name as it is stored and shown. */
export const cleanName = (name: string): string => name.normalize('NFC').trim()

/**
 * What makes names equal, and what they are ordered and searched by: compatibility forms, case, runs of spaces and
 * invisible characters make no difference (Unicode's NFKC_Casefold, by way of upper case for full case folding).
 */
export const nameKey = (name: string): string => normalised(name).trim()

/**
 * What the key of a name must hold to be found by `search`; null for every name. A key cannot hold more than it may be
 * long, and databases refuse patterns that are too long.
 */
export const searchKey = (search: string | null | undefined): string | null =>
  normalised(search ?? '')
    .slice(0, maxNameKeyBytes + 1)
    .toWellFormed() || null

const normalised = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('\0', '')
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\s+/gu, ' ')

export function nameFault(cleaned: string, maxLength = maxNameLength): Fault {
  if (!isStorableText(cleaned) || /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(cleaned)) {
    return 'Must hold no control characters.'
  }
  const key = nameKey(cleaned)
  if (key === '') return 'Must not be empty.'
  if (lengthOf(cleaned) > maxLength || Buffer.byteLength(key) > maxNameKeyBytes) {
    return `Must have at most ${maxLength} characters.`
  }
  return null
}

/** A description as it is stored; null when it says nothing. */
export function cleanDescription(description: string | null | undefined): string | null {
  return description?.normalize('NFC').replaceAll('\r\n', '\n').trim() || null
}

export function descriptionFault(cleaned: string | null): Fault {
  if (cleaned === null) return null
  // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing them is the purpose.
  if (!isStorableText(cleaned) || /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(cleaned)) {
    return 'Must hold no control characters apart from line breaks and tabs.'
  }
  return lengthOf(cleaned) > maxDescriptionLength ? `Must have at most ${maxDescriptionLength} characters.` : null
}

/** External keys are compared as they are, so nothing about them is silently changed. */
export function externalKeyFault(externalKey: string): Fault {
  if (externalKey === '') return 'Must not be empty; give null for no external key.'
  if (!isStorableText(externalKey) || !/^[^\p{C}\p{Z}]([^\p{C}\p{Zl}\p{Zp}]*[^\p{C}\p{Z}])?$/u.test(externalKey)) {
    return 'Must hold only printable characters, and no space at its ends.'
  }
  return lengthOf(externalKey) > maxExternalKeyLength ? `Must have at most ${maxExternalKeyLength} characters.` : null
}

export function idempotencyKeyFault(key: string): Fault {
  if (!isStorableText(key) || /\p{Cc}/u.test(key)) return 'Must hold no control characters.'
  return key === '' || lengthOf(key) > maxIdempotencyKeyLength
    ? `Must have 1 to ${maxIdempotencyKeyLength} characters.`
    : null
}

import { cleanText } from '../problem.ts'

/** Lines of a PEM shorter than this say too little to be worth removing, and are too often ordinary words. */
const shortestLine = 16
/** Of a secret inside a longer Base64 text only so many characters are certain; fewer would match by accident. */
const shortestBase64Part = 6
/** Shorter ones are found in every fingerprint. */
const shortestHexPart = 8

/**
 * The texts in which a secret value may turn up in a message: as it is, without outer spaces, cleaned of control
 * characters, line by line, URL-encoded, in Base64 of either alphabet, in hexadecimal, and JSON-escaped once or twice.
 */
export function encodedForms(secret: string): readonly string[] {
  if (secret === '') return []
  const written = new Set([secret, secret.trim(), withoutControls(secret), ...longLines(secret)])
  const forms = [...written].flatMap(text => [text, ...urlEncoded(text), ...jsonEscaped(text)])
  forms.push(...base64(secret), ...hexadecimal(secret))
  return [...new Set(forms)].filter(form => form !== '')
}

/** As texts of foreign servers are cleaned before they get here. */
const withoutControls = (text: string): string => cleanText(text, text.length)

/** A key in several lines may be quoted in part; its armour is no secret. */
function longLines(text: string): string[] {
  const lines = text.split(/\r?\n/)
  if (lines.length === 1) return []
  return lines.map(line => line.trim()).filter(line => line.length >= shortestLine && !line.startsWith('-----'))
}

function urlEncoded(text: string): string[] {
  const percent = encodeURIComponent(text.toWellFormed())
  const strict = percent.replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const form = new URLSearchParams({ '': text }).toString().slice(1)
  return [percent, strict, form].flatMap(encoded => [
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, hex => hex.toLowerCase()),
  ])
}

function jsonEscaped(text: string): string[] {
  const escaped = JSON.stringify(text).slice(1, -1)
  const ascii = escaped.replace(/[\u007f-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  const twice = JSON.stringify(escaped).slice(1, -1)
  return [escaped, ascii, escaped.replaceAll('/', '\\/'), twice]
}

/** As PostgreSQL and others write bytes. */
function hexadecimal(text: string): string[] {
  const hex = Buffer.from(text).toString('hex')
  return hex.length < shortestHexPart ? [] : [hex, hex.toUpperCase()]
}

/** Alone, and at each of the three places at which it may begin within a longer text, such as `user:password`. */
function base64(text: string): string[] {
  const bytes = Buffer.from(text)
  const whole = bytes.toString('base64')
  const inside = [0, 1, 2].map(offset => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replaceAll('=', '')
    // Characters that also hold bits of what stands before or after differ from text to text.
    const certainStart = Math.ceil((offset * 8) / 6)
    const certainEnd = Math.floor(((offset + bytes.length) * 8) / 6)
    return encoded.slice(certainStart, certainEnd)
  })
  const forms = [whole, ...inside.filter(part => part.length >= shortestBase64Part)]
  return forms.flatMap(form => [form, form.replaceAll('=', ''), toUrlAlphabet(form)])
}

const toUrlAlphabet = (form: string) => form.replaceAll('=', '').replaceAll('+', '-').replaceAll('/', '_')

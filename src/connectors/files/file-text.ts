import type { TextEncodingName } from './file-options.ts'
import { malformed } from './file-problem.ts'

/** As the WHATWG names them. */
const labels: Readonly<Record<TextEncodingName, string>> = {
  UTF_8: 'utf-8',
  UTF_16LE: 'utf-16le',
  UTF_16BE: 'utf-16be',
  WINDOWS_1252: 'windows-1252',
  ISO_8859_15: 'iso-8859-15',
  SHIFT_JIS: 'shift_jis',
  GB18030: 'gb18030',
}

/**
 * Bytes as text, without a byte order mark. Throws `FileProblemError` for bytes that are none in the encoding: nothing is
 * replaced. (Windows-1252 and ISO 8859-15 give every byte a meaning.)
 */
export async function* fileText(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  encoding: TextEncodingName,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(labels[encoding], { fatal: true })
  let position = 0
  const decoded = (chunk: Uint8Array, isLast: boolean): string => {
    try {
      return decoder.decode(chunk, { stream: !isLast })
    } catch {
      const end = position + chunk.length
      const where = isLast ? `byte ${position}: it ends within a character` : `between bytes ${position} and ${end}`
      throw malformed(name, 'CSV', `${where}, it is not ${labels[encoding].toUpperCase()}`)
    }
  }
  for await (const chunk of bytes) {
    const text = decoded(chunk, false)
    position += chunk.length
    if (text !== '') yield text
  }
  const rest = decoded(new Uint8Array(), true)
  if (rest !== '') yield rest
}

/** The text after so many lines, however they end. Nothing of a line is kept, so they may have any length. */
export async function* withoutLines(text: AsyncIterable<string>, lines: number): AsyncGenerator<string> {
  let left = lines
  let endedWithReturn = false
  for await (const chunk of text) {
    const lineEnd = /\r\n?|\n/g
    // The second half of the last line's end.
    let at: number = endedWithReturn && chunk.startsWith('\n') ? 1 : 0
    endedWithReturn = false
    while (left > 0 && at < chunk.length) {
      lineEnd.lastIndex = at
      const [end] = lineEnd.exec(chunk) ?? []
      at = end === undefined ? chunk.length : lineEnd.lastIndex
      if (end !== undefined) left -= 1
      endedWithReturn = end === '\r' && at === chunk.length
    }
    if (at < chunk.length) yield chunk.slice(at)
  }
}

import type { Readable } from 'node:stream'

const keptCharacters = 4_000

/** What V8 says last when its heap is full. */
export const heapExhausted = 'JavaScript heap out of memory'

/**
 * Reads a child's standard error so that it never blocks, and keeps its end only to name the kind of a crash. The text
 * itself may hold data of a customer: nothing gives it out.
 */
export class StderrTail {
  #text = ''

  constructor(stream: Readable) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-keptCharacters)
    })
    stream.on('error', () => {})
  }

  /** Class and code of the error that ended the process: "Error ERR_MODULE_NOT_FOUND"; null when there is none to see. */
  get errorKind(): string | null {
    if (this.#text.includes(heapExhausted)) return heapExhausted
    const name = /^(\w{0,60}Error)\b/m.exec(this.#text)?.[1]
    const code = /\bcode: '(\w{1,60})'/.exec(this.#text)?.[1]
    return name === undefined ? null : [name, code].filter(Boolean).join(' ')
  }
}

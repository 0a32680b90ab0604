/** A file somewhere, as readers get at it. What its functions throw is for whoever has made it, and passes readers by. */
export interface FileSource {
  /** For messages, and for the column with each row's file. */
  readonly name: string
  /** In bytes, as it is stored. */
  readonly size: number
  /** All of it from the beginning. Whoever stops early ends the iteration, and with it the transfer. */
  stream(signal: AbortSignal): AsyncIterable<Uint8Array>
  /** The bytes from `start` to before `end`: exactly so many, none beyond `size`. */
  read(start: number, end: number, signal: AbortSignal): Promise<Uint8Array>
}

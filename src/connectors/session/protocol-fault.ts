/** The server broke the rules of its protocol, or answered a question in a way that no sound server does. */
export class ProtocolFaultError extends Error {
  /** Our own words, never the server's: they follow "does not keep to the protocol: ". */
  readonly fault: string

  constructor(fault: string, options?: ErrorOptions) {
    super(`The server does not keep to the protocol: ${fault}.`, options)
    this.name = 'ProtocolFaultError'
    this.fault = fault
  }
}

/** The server sent, or announced, more than one session may receive. */
export class ByteLimitError extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(`The server sent more than ${maxBytes} bytes.`)
    this.name = 'ByteLimitError'
    this.maxBytes = maxBytes
  }
}

/** A connection, a datagram, a listening socket or a signal that the network guard refused. Tells no address. */
export class EgressDeniedError extends Error {
  readonly code = 'EGRESS_DENIED'

  constructor(what = 'This connection') {
    super(`${what} is not allowed here.`)
    this.name = 'EgressDeniedError'
  }
}

/** A server sent more on one connection than it may in a whole job. */
export class ByteBudgetError extends Error {
  readonly code = 'BYTE_BUDGET_EXCEEDED'

  constructor(maxBytes: number) {
    super(`The server sent more than ${inMegabytes(maxBytes)}.`)
    this.name = 'ByteBudgetError'
  }
}

export const inMegabytes = (bytes: number): string => `${Math.floor(bytes / 2 ** 20)} MB`

import type { Problem } from '../problem.ts'

/** The server wants a sign-in that this connector does not do. */
export class UnsupportedMethodError extends Error {
  readonly method: string

  constructor(method: string) {
    super(`The server asks for ${method}.`)
    this.name = 'UnsupportedMethodError'
    this.method = method
  }
}

/** The server let the account in without having proved that it knows the password. */
export class ServerProofError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ServerProofError'
  }
}

/** A connection of the driver's leads to a server that must not be told anything. */
export class UntrustedServerError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'UntrustedServerError'
    this.problem = problem
  }
}

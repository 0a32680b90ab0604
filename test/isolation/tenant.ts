import type { Operation } from './whole-operation.ts'

/** What one operation was answered, to the byte. */
export interface Answer {
  /** Status and headers, where there are any, and the body; of a stream every item, one on a line. */
  readonly text: string
  /** Of the only item, or of the last one of a stream. */
  readonly data: Readonly<Record<string, unknown>>
}

/** A viewer of one workspace who may do everything there, however operations get to the program. */
export interface Tenant {
  readonly workspace: string
  run(operation: Operation): Promise<Answer>
  /** Follows a subscription to its end. */
  follow(operation: Operation): Promise<Answer>
}

import type { Services } from '../services/services.ts'
import type { Viewer } from '../services/viewer.ts'

/** What every resolver is given, one per operation. */
export interface Context {
  readonly viewer: Viewer
  readonly services: Services
  /** Aborts when the client is gone or the server shuts down. */
  readonly signal: AbortSignal
  /** Of this operation, for logs and masked errors. */
  readonly requestId: string
}

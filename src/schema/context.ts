import type { Services } from '../services/services.ts'
import type { Viewer } from '../services/viewer.ts'
import { createLoaders, type Loaders } from './loaders.ts'
import type { RateLimitStatus } from './rate-limit.ts'

/** What every resolver is given, one per operation. */
export interface Context {
  readonly viewer: Viewer
  readonly services: Services
  readonly loaders: Loaders
  /** Aborts when the client is gone or the server shuts down. */
  readonly signal: AbortSignal
  /** Of this operation, for logs and masked errors. */
  readonly requestId: string
  /** Where documentation pages are published, without a slash at the end; null when nowhere. */
  readonly docsBaseUrl: string | null
  /** What is left of the viewer's points; absent where there is no limit. */
  readonly rateLimit?: () => RateLimitStatus
}

export function createContext(options: Omit<Context, 'loaders'>): Context {
  return { ...options, loaders: createLoaders(options.services, options.viewer) }
}

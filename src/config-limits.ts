import { resolve } from 'node:path'
import { z } from 'zod'
import { oneOf, setting, wholeNumber } from './config-setting.ts'
import { dearestOperation } from './operation-cost.ts'

/** Off, or enough for every operation. */
const pointsPerMinute = (atLeast: number) => {
  const message = `must be 0, or a whole number from ${atLeast} to 1000000`
  return z
    .string({ error: message })
    .regex(/^\d{1,7}$/, message)
    .transform(Number)
    .refine(points => points === 0 || (points >= atLeast && points <= 1_000_000), message)
}

/** How much viewers and workspaces may ask for, and in which words. */
export const limitSettings = {
  rateLimit: setting({
    name: 'RATE_LIMIT',
    description:
      'Points that one viewer may spend in a minute; as many at once after a minute of rest. An operation costs at least one, and one for every 100 of its complexity. 0: no limit. Each process counts for itself.',
    default: { development: '0', production: '3000' },
    example: '1200',
    schema: pointsPerMinute(dearestOperation),
  }),
  rateLimitWorkspace: setting({
    name: 'RATE_LIMIT_WORKSPACE',
    description:
      'The same for all viewers of one workspace together. The last quarter is kept for viewers who have spent less than a tenth of it within a minute. 0: no limit.',
    default: { development: '0', production: '6000' },
    example: '12000',
    schema: pointsPerMinute(2 * dearestOperation),
  }),
  streamsPerViewer: setting({
    name: 'STREAMS_PER_VIEWER',
    description: 'Subscriptions that one viewer may have open at once. Each process counts for itself.',
    default: { development: '10000', production: '20' },
    example: '50',
    schema: wholeNumber(1, 10_000),
  }),
  streamsPerWorkspace: setting({
    name: 'STREAMS_PER_WORKSPACE',
    description: 'The same for all viewers of one workspace together.',
    default: { development: '10000', production: '200' },
    example: '500',
    schema: wholeNumber(1, 10_000),
  }),
  persistedOperations: setting({
    name: 'PERSISTED_OPERATIONS',
    description:
      'File with the only documents that clients may send, by id: a JSON object of ids and documents, as code generators write it. Read at the start. Not set: any document.',
    default: null,
    example: '/etc/patchbay/persisted-documents.json',
    schema: z
      .string()
      .regex(/^\P{Cc}*$/u, 'must be a path without control characters')
      .transform(path => resolve(path))
      .nullable(),
  }),
  persistedOperationsFor: setting({
    name: 'PERSISTED_OPERATIONS_FOR',
    description: 'Whom that file binds: `all`, or `users`: then API tokens may send any document.',
    default: 'all',
    example: 'users',
    schema: oneOf(['all', 'users']),
  }),
}

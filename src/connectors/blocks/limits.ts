import { z } from 'zod'
import { block, field } from '../form.ts'

/** How long a connector may wait, for types that keep a connection to one server. */
export const limitsBlock = block(
  {
    connectTimeoutSeconds: field(z.int().min(1).max(60).default(10), {
      label: 'Connect timeout (seconds)',
      help: 'How long the host may take to accept a connection.',
      advanced: true,
    }),
    statementTimeoutSeconds: field(z.int().min(1).max(3600).default(60), {
      label: 'Statement timeout (seconds)',
      help: 'A query that runs longer is stopped on the server.',
      advanced: true,
    }),
  },
  { label: 'Limits', help: 'How long to wait for the server.', typeName: 'Limits', section: 'limits', advanced: true },
)

export type Limits = z.output<typeof limitsBlock>

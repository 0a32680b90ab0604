import type { SchemaParts } from './nouns.ts'

/** How much of its points a viewer has left. */
export interface RateLimitStatus {
  readonly cost: number
  readonly limit: number
  readonly remaining: number
  readonly resetSeconds: number
  readonly resetAt: Date
}

export function defineRateLimit({ builder }: SchemaParts): void {
  const rateLimit = builder.objectRef<RateLimitStatus>('RateLimit').implement({
    description:
      'How much the viewer may still ask for. Operations cost points, at least one each; points come back evenly over a minute.',
    fields: t => ({
      cost: t.exposeInt('cost', {
        complexity: 0,
        description: 'Points that this operation costs. None, when it asks for nothing but this.',
      }),
      limit: t.exposeInt('limit', { complexity: 0, description: 'Points that the viewer may spend in a minute.' }),
      remaining: t.exposeInt('remaining', {
        complexity: 0,
        description: 'Points that the viewer could spend now. Fewer than its own, when its workspace has spent much.',
      }),
      resetAt: t.expose('resetAt', {
        type: 'DateTime',
        complexity: 0,
        description: 'When all points are back, if none are spent until then.',
      }),
    }),
  })
  builder.queryField('rateLimit', t =>
    t.field({
      type: rateLimit,
      nullable: true,
      complexity: 0,
      description:
        'How much the viewer may still ask for, as the process that answers counts it; null when there is no limit. Answered even when nothing is left, in an operation of its own.',
      authScopes: { signedIn: true },
      resolve: (_root, _args, { rateLimit: status }) => status?.() ?? null,
    }),
  )
}

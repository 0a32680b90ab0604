import { GraphQLError } from 'graphql'
import type { Builder } from './builder.ts'

export function defineScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description: 'An instant in UTC, as RFC 3339 text with milliseconds: `2026-11-22T09:30:00.000Z`.',
    specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
    serialize: value => (typeof value === 'string' ? value : value.toISOString()),
    parseValue: toInstant,
  })
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
    serialize: value => value,
  })
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** Every offset of RFC 3339 is taken; what JavaScript would only guess is not. */
function toInstant(value: unknown): Date {
  const time = typeof value === 'string' && instant.test(value) ? new Date(value) : null
  if (time === null || Number.isNaN(time.getTime())) {
    throw new GraphQLError('A DateTime must be text such as "2026-11-22T09:30:00.000Z".')
  }
  return time
}

import type { Builder } from './builder.ts'

export function defineScalars(builder: Builder): void {
  builder.scalarType('DateTime', {
    description: 'An instant in UTC, as RFC 3339 text with milliseconds: `2026-11-22T09:30:00.000Z`.',
    specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
    serialize: value => (typeof value === 'string' ? value : value.toISOString()),
  })
  builder.scalarType('JSON', {
    description: 'Any JSON value.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259',
    serialize: value => value,
  })
}

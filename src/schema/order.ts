import type { Direction } from '../db/keyset.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'

const directionDescriptions: Record<Direction, string> = {
  ASC: 'Smallest, first in the alphabet or oldest first.',
  DESC: 'Largest, last in the alphabet or newest first.',
}

export const defineOrderDirection = (builder: Builder) =>
  builder.enumType('OrderDirection', {
    description: 'Which way a list is ordered.',
    values: describedValues(directionDescriptions),
  })

type OrderDirection = ReturnType<typeof defineOrderDirection>

/** Defines the enum `<noun>OrderField` and the input `<noun>Order { field, direction }`. */
export function defineOrderInput<Field extends string>(
  builder: Builder,
  noun: string,
  orderDirection: OrderDirection,
  fieldDescriptions: Readonly<Record<Field, string>>,
) {
  const field = builder.enumType(`${noun}OrderField`, {
    description: `What a list of ${noun}s can be ordered by.`,
    values: describedValues(fieldDescriptions),
  })
  return builder.inputType(`${noun}Order`, {
    description: `The order of a list of ${noun}s. Equal ones are ordered by id.`,
    fields: t => ({
      field: t.field({ type: field, description: 'What to order by.' }),
      direction: t.field({ type: orderDirection, description: 'Ascending or descending.', defaultValue: 'ASC' }),
    }),
  })
}

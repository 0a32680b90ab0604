import type { CommonType } from '../connectors/define.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'

const columnTypes: Record<CommonType, string> = {
  TEXT: 'Text.',
  INTEGER: 'Whole numbers; as text beyond 2^53.',
  DECIMAL: 'Exact decimal numbers, as text.',
  FLOAT: 'Inexact numbers.',
  BOOLEAN: 'True or false.',
  DATE: 'Dates without a time of day.',
  TIME: 'Times of day.',
  TIMESTAMP: 'Instants, or dates with a time of day.',
  JSON: 'JSON documents.',
  BINARY: 'Bytes, as base64 text.',
  LIST: 'Lists of values, such as arrays.',
  OTHER: 'Anything else, as text.',
}

export const defineColumnType = (builder: Builder) =>
  builder.enumType('ColumnType', {
    description: 'What the values of a column are, whatever the data source calls it.',
    values: describedValues(columnTypes),
  })

export type ColumnTypeRef = ReturnType<typeof defineColumnType>

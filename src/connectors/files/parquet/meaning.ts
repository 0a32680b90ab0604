import type { Meaning, TimeUnit } from './schema.ts'
import type { ThriftFields } from './thrift-fields.ts'

/** What a schema element says of its values: by `LogicalType`, else by `ConvertedType`, which older writers know alone. */
export function meaningOf(element: ThriftFields): Meaning | null {
  if (element.has(10)) {
    const logical = logicalMeaning(element.struct(10))
    if (logical !== null) return logical
  }
  const converted = element.optionalCount(6)
  return converted === null ? null : convertedMeaning(converted, element)
}

function logicalMeaning(logical: ThriftFields): Meaning | null {
  if (logical.has(5)) {
    const decimal = logical.struct(5)
    return { kind: 'DECIMAL', scale: decimal.optionalCount(1) ?? 0, precision: decimal.optionalCount(2) ?? 0 }
  }
  if (logical.has(7)) return { kind: 'TIME', ...unitOf(logical.struct(7)) }
  if (logical.has(8)) return { kind: 'TIMESTAMP', ...unitOf(logical.struct(8)) }
  if (logical.has(10)) {
    const integer = logical.struct(10)
    return { kind: 'INTEGER', bits: integer.optionalCount(1) ?? 64, isSigned: integer.flag(2) }
  }
  const kind = logicalKinds.find(([field]) => logical.has(field))?.[1]
  return kind ? { kind } : null
}

const logicalKinds = [
  [1, 'STRING'],
  [2, 'MAP'],
  [3, 'LIST'],
  [4, 'ENUM'],
  [6, 'DATE'],
  [12, 'JSON'],
  [13, 'BSON'],
  [14, 'UUID'],
  [15, 'FLOAT16'],
  // Variants and geometries stay as they are stored.
  [16, 'OTHER'],
  [17, 'OTHER'],
  [18, 'OTHER'],
] as const

function unitOf(time: ThriftFields): { readonly unit: TimeUnit; readonly isUtc: boolean } {
  const unit = time.struct(2)
  return { unit: unit.has(1) ? 'MILLIS' : unit.has(2) ? 'MICROS' : 'NANOS', isUtc: time.flag(1) }
}

function convertedMeaning(number: number, element: ThriftFields): Meaning | null {
  if (number === 5) {
    return { kind: 'DECIMAL', scale: element.optionalCount(7) ?? 0, precision: element.optionalCount(8) ?? 0 }
  }
  return convertedMeanings[number] ?? null
}

/** By the numbers of `ConvertedType`. Its instants are those of UTC. */
const convertedMeanings: Readonly<Record<number, Meaning>> = {
  0: { kind: 'STRING' },
  1: { kind: 'MAP' },
  2: { kind: 'MAP' },
  3: { kind: 'LIST' },
  4: { kind: 'ENUM' },
  6: { kind: 'DATE' },
  7: { kind: 'TIME', unit: 'MILLIS', isUtc: true },
  8: { kind: 'TIME', unit: 'MICROS', isUtc: true },
  9: { kind: 'TIMESTAMP', unit: 'MILLIS', isUtc: true },
  10: { kind: 'TIMESTAMP', unit: 'MICROS', isUtc: true },
  11: { kind: 'INTEGER', bits: 8, isSigned: false },
  12: { kind: 'INTEGER', bits: 16, isSigned: false },
  13: { kind: 'INTEGER', bits: 32, isSigned: false },
  14: { kind: 'INTEGER', bits: 64, isSigned: false },
  15: { kind: 'INTEGER', bits: 8, isSigned: true },
  16: { kind: 'INTEGER', bits: 16, isSigned: true },
  17: { kind: 'INTEGER', bits: 32, isSigned: true },
  18: { kind: 'INTEGER', bits: 64, isSigned: true },
  19: { kind: 'JSON' },
  20: { kind: 'BSON' },
  21: { kind: 'INTERVAL' },
}

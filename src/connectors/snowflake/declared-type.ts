import type { CommonType, ResultColumn } from '../define.ts'

const commonTypes: Readonly<Record<string, CommonType>> = {
  FLOAT: 'FLOAT',
  DECFLOAT: 'DECIMAL',
  VARCHAR: 'TEXT',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIME: 'TIME',
  TIMESTAMP_NTZ: 'TIMESTAMP',
  TIMESTAMP_LTZ: 'TIMESTAMP',
  TIMESTAMP_TZ: 'TIMESTAMP',
  BINARY: 'BINARY',
  VARIANT: 'JSON',
  OBJECT: 'JSON',
  MAP: 'JSON',
  GEOGRAPHY: 'JSON',
  GEOMETRY: 'JSON',
  ARRAY: 'LIST',
  VECTOR: 'LIST',
}

/** A column's type as DESCRIBE tells it: `NUMBER(38,0)`, `VARCHAR(16777216)`, `VECTOR(FLOAT, 3)`. */
export function declaredType(text: string): Pick<ResultColumn, 'nativeType' | 'type'> {
  const [, name = '', scale = '0'] = /^([A-Z_]+)(?:\(\d+,\s*(\d+)\))?/.exec(text.toUpperCase()) ?? []
  if (name === 'NUMBER') return { nativeType: text, type: scale === '0' ? 'INTEGER' : 'DECIMAL' }
  return { nativeType: text, type: (Object.hasOwn(commonTypes, name) ? commonTypes[name] : undefined) ?? 'OTHER' }
}

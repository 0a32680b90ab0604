/** Messages of PostgreSQL's protocol, sound ones and others: https://www.postgresql.org/docs/current/protocol-message-formats.html */

export const message = (type: string, body: Buffer | string = ''): Buffer =>
  announcing(type, Buffer.byteLength(body), body)

/** A message whose head announces a body of `length` bytes, whatever really follows. */
export function announcing(type: string, length: number, body: Buffer | string = ''): Buffer {
  const head = Buffer.alloc(5)
  head.write(type, 'latin1')
  head.writeInt32BE((length + 4) | 0, 1)
  return Buffer.concat([head, Buffer.from(body)])
}

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

export const authentication = (kind: number, rest: Buffer | string = ''): Buffer =>
  message('R', Buffer.concat([int32(kind), Buffer.from(rest)]))
export const authenticationOk = authentication(0)
export const sasl = (...mechanisms: readonly string[]): Buffer =>
  authentication(10, `${mechanisms.map(name => `${name}\0`).join('')}\0`)

export const parameter = (name: string, value: string): Buffer => message('S', `${name}\0${value}\0`)
export const backendKey = (processId = 4711, secretKey = 1147): Buffer =>
  message('K', Buffer.concat([int32(processId), int32(secretKey)]))
export const ready = (status: 'I' | 'T' | 'E' = 'I'): Buffer => message('Z', status)
export const complete = (tag: string): Buffer => message('C', `${tag}\0`)
export const notification = (payload: string): Buffer =>
  message('A', Buffer.concat([int32(1), Buffer.from(`c\0${payload}\0`)]))

export const errorResponse = (code: string, text: Buffer | string, severity = 'ERROR'): Buffer =>
  fields('E', code, text, severity)
export const notice = (text: string): Buffer => fields('N', '00000', text, 'NOTICE')
const fields = (type: string, code: string, text: Buffer | string, severity: string) =>
  message(
    type,
    Buffer.concat([Buffer.from(`S${severity}\0V${severity}\0C${code}\0M`), Buffer.from(text), Buffer.from('\0\0')]),
  )

/** Text, integers and booleans by the type that their column is announced with. */
export interface Column {
  readonly name: string
  readonly oid?: number
}
export const textOid = 25

export const rowDescription = (columns: readonly Column[]): Buffer =>
  message(
    'T',
    Buffer.concat([
      int16(columns.length),
      ...columns.flatMap(({ name, oid = textOid }) => [
        Buffer.from(`${name}\0`),
        int32(0),
        int16(0),
        int32(oid),
        int16(-1),
        int32(-1),
        int16(0),
      ]),
    ]),
  )

export type Value = string | Buffer | null
export const dataRow = (values: readonly Value[]): Buffer =>
  message(
    'D',
    Buffer.concat([
      int16(values.length),
      ...values.flatMap(value =>
        value === null ? [int32(-1)] : [int32(Buffer.byteLength(value)), Buffer.from(value)],
      ),
    ]),
  )

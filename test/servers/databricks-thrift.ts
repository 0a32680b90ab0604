import { createRequire } from 'node:module'
import service from '@databricks/sql/thrift/TCLIService.js'
import types from '@databricks/sql/thrift/TCLIService_types.js'

/** What a package that the SDK brings is to the SDK itself. */
const requireOfSdk = createRequire(createRequire(import.meta.url).resolve('@databricks/sql'))

export const requireFromSdk = (name: string): unknown => requireOfSdk(name)

/** A 64-bit integer as Thrift's generated code takes it. */
export interface Int64 {
  toNumber(allowImprecise?: boolean): number
}

// The packages thrift and node-int64 come without types.
const IntegerOf64Bits = requireOfSdk('node-int64') as new (high: number | Buffer, low?: number) => Int64

export function int64(value: number | bigint): Int64 {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return new IntegerOf64Bits(bytes)
}

interface Transport {
  readonly bytes: unique symbol
}
interface Protocol {
  readMessageBegin(): { readonly fname: string; readonly mtype: number; readonly rseqid: number }
  readStructBegin(): unknown
  readFieldBegin(): unknown
}
interface Thrift {
  readonly TBufferedTransport: {
    receiver(callback: (transport: Transport) => void): (data: Buffer) => void
    new (buffer: undefined, onFlush: (written: Buffer) => void): Transport
  }
  readonly TBinaryProtocol: new (transport: Transport) => Protocol
}
const { TBufferedTransport, TBinaryProtocol } = requireOfSdk('thrift') as Thrift

const parsed = (body: Buffer): Protocol => {
  let input: Protocol | undefined
  TBufferedTransport.receiver(transport => {
    input = new TBinaryProtocol(transport)
  })(body)
  if (!input) throw new Error('This is no message of Thrift.')
  return input
}

/** The name of the method that a message calls; throws where it is no such message. */
export const thriftMethodOf = (body: Buffer): string => parsed(body).readMessageBegin().fname

/** The statement that a message asks to execute. */
export function statementOf(body: Buffer): string {
  const input = parsed(body)
  input.readMessageBegin()
  // A call's arguments are a struct with the request as its only field.
  input.readStructBegin()
  input.readFieldBegin()
  const request = new types.TExecuteStatementReq() as { statement?: string; read?(input: Protocol): void }
  request.read?.(input)
  return request.statement ?? ''
}

export type ThriftHandlers = { readonly [Method in ThriftMethod]: (request: never) => unknown }

export const thriftMethods = [
  'OpenSession',
  'ExecuteStatement',
  'GetOperationStatus',
  'GetResultSetMetadata',
  'FetchResults',
  'CancelOperation',
  'CloseOperation',
  'CloseSession',
] as const
export type ThriftMethod = (typeof thriftMethods)[number]

/** Hands a call to the handler of its method, and answers the reply as it goes over the wire. */
export const answerThrift = (handlers: ThriftHandlers, body: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const output = new TBinaryProtocol(new TBufferedTransport(undefined, resolve))
    try {
      // Protocols are opaque to the generated code's types, which lack those of the package thrift.
      new service.Processor(handlers).process(parsed(body) as never, output as never)
    } catch (error) {
      reject(error)
    }
  })

const status = (code: number, words: object = {}) => new types.TStatus({ statusCode: code, ...words })

/** Statuses as Databricks answers them. */
export const succeeded = () => status(types.TStatusCode.SUCCESS_STATUS)
export const failed = (message: string, sqlState?: string) =>
  status(types.TStatusCode.ERROR_STATUS, {
    errorMessage: message,
    displayMessage: message,
    ...(sqlState !== undefined && { sqlState }),
  })
export const unknownHandle = (message: string) =>
  status(types.TStatusCode.INVALID_HANDLE_STATUS, { errorMessage: message })

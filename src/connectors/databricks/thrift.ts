import { createRequire } from 'node:module'
import service from '@databricks/sql/thrift/TCLIService.js'
import types from '@databricks/sql/thrift/TCLIService_types.js'

/**
 * Of Databricks' SDK only the code that its protocol has been generated to is loaded: everything in it that logs, reports,
 * keeps files, follows links, opens browsers or tries again is not there. What it would have sent with `node-fetch`, which
 * follows redirects and reads answers of any length, goes through `HttpCaller`.
 */
interface Calls {
  readonly OpenSession: [InstanceType<typeof types.TOpenSessionReq>, InstanceType<typeof types.TOpenSessionResp>]
  readonly CloseSession: [InstanceType<typeof types.TCloseSessionReq>, InstanceType<typeof types.TCloseSessionResp>]
  readonly ExecuteStatement: [
    InstanceType<typeof types.TExecuteStatementReq>,
    InstanceType<typeof types.TExecuteStatementResp>,
  ]
  readonly GetOperationStatus: [
    InstanceType<typeof types.TGetOperationStatusReq>,
    InstanceType<typeof types.TGetOperationStatusResp>,
  ]
  readonly GetResultSetMetadata: [
    InstanceType<typeof types.TGetResultSetMetadataReq>,
    InstanceType<typeof types.TGetResultSetMetadataResp>,
  ]
  readonly FetchResults: [InstanceType<typeof types.TFetchResultsReq>, InstanceType<typeof types.TFetchResultsResp>]
  readonly CancelOperation: [
    InstanceType<typeof types.TCancelOperationReq>,
    InstanceType<typeof types.TCancelOperationResp>,
  ]
  readonly CloseOperation: [
    InstanceType<typeof types.TCloseOperationReq>,
    InstanceType<typeof types.TCloseOperationResp>,
  ]
}

export type ThriftMethod = keyof Calls
export type ThriftRequest<M extends ThriftMethod> = Calls[M][0]
export type ThriftReply<M extends ThriftMethod> = Calls[M][1]

/** What an answer says of how the call went. */
export type ThriftStatus = InstanceType<typeof types.TStatus>
export type OperationHandle = InstanceType<typeof types.TOperationHandle>
export type SessionHandle = InstanceType<typeof types.TSessionHandle>
export type ResultSet = InstanceType<typeof types.TRowSet>
export type ThriftColumn = InstanceType<typeof types.TColumn>
export type ResultMetadata = InstanceType<typeof types.TGetResultSetMetadataResp>
export type OperationStatus = InstanceType<typeof types.TGetOperationStatusResp>
export const {
  TFetchOrientation: Orientation,
  TOperationState: OperationState,
  TProtocolVersion: ProtocolVersion,
  TSparkRowSetType: RowSetType,
  TStatusCode: StatusCode,
  TTypeId: TypeId,
} = types

/** Thrift's own package, and the one for its 64-bit integers, come without types. */
interface Transport {
  readonly isTransport: unique symbol
}
interface Protocol {
  readMessageBegin(): { readonly fname: string; readonly mtype: number; readonly rseqid: number }
  readListBegin(): { readonly etype: number; readonly size: number }
  readMapBegin(): { readonly size: number }
}
interface ThriftPackage {
  readonly TBufferedTransport: {
    new (buffer: undefined, onFlush: (written: Buffer) => void): Transport
    receiver(callback: (transport: Transport) => void): (data: Buffer) => void
  }
  readonly TBinaryProtocol: new (transport: Transport) => Protocol
}
type Callback = (error: unknown, reply?: unknown) => void
type GeneratedClient = {
  readonly [send in ThriftMethod]: (request: unknown, callback: Callback) => void
} & {
  readonly [receive in `recv_${ThriftMethod}`]: (input: Protocol, type: number, sequence: number) => void
}

const requireOfSdk = createRequire(createRequire(import.meta.url).resolve('@databricks/sql'))
const { TBufferedTransport, TBinaryProtocol } = requireOfSdk('thrift') as ThriftPackage
// The generated declarations stand on types that the package does not bring.
const Client = service.Client as unknown as new (output: Transport, protocol: typeof TBinaryProtocol) => GeneratedClient

export interface ThriftCall<M extends ThriftMethod> {
  /** The message that asks for it. */
  readonly message: Buffer
  /** What the answer says. Throws for what is no answer to this call, a whole one. */
  reply(answer: Buffer): ThriftReply<M>
}

/** What a list of values, and what of records, takes up in memory for each byte that it may have come in. */
const costs = { value: 1, record: 100 }
const recordType = 12
/** Of a page: 10,000 rows of some hundred columns. */
const maxCost = 8_000_000

/** Reads no more than there is memory for: a record of eight fields may be a single byte in the message. */
class FrugalProtocol extends TBinaryProtocol {
  #cost = 0

  override readListBegin() {
    const list = super.readListBegin()
    this.#spend(list.size * (list.etype === recordType ? costs.record : costs.value))
    return list
  }

  override readMapBegin() {
    const map = super.readMapBegin()
    this.#spend(map.size * costs.record)
    return map
  }

  #spend(cost: number): void {
    this.#cost += Math.max(0, cost)
    if (this.#cost > maxCost) throw new Error('It is larger in memory than any answer.')
  }
}

/** One call, as it goes over the wire. */
export function thriftCall<M extends ThriftMethod>(method: M, request: ThriftRequest<M>): ThriftCall<M> {
  let message: Buffer = Buffer.alloc(0)
  const output = new TBufferedTransport(undefined, written => {
    message = written
  })
  const client = new Client(output, TBinaryProtocol)
  let found: { readonly error: unknown; readonly reply: unknown } | null = null
  client[method](request, (error, reply) => {
    found = { error, reply }
  })
  return {
    message,
    reply: answer => {
      const input = protocolOf(answer)
      const { fname, mtype, rseqid } = input.readMessageBegin()
      if (fname !== method) throw new Error('It answers another call.')
      client[`recv_${method}`](input, mtype, rseqid)
      const { error, reply } = found ?? { error: new Error('It answers another call.'), reply: undefined }
      if (error) throw error
      return reply as ThriftReply<M>
    },
  }
}

function protocolOf(message: Buffer): Protocol {
  const held: Protocol[] = []
  TBufferedTransport.receiver(transport => held.push(new FrugalProtocol(transport)))(message)
  const [protocol] = held
  if (!protocol) throw new Error('There is no message.')
  return protocol
}

/** The generated code takes a plain number for a 64-bit one, which its declarations do not say. */
export const int64 = (value: number): never => value as never

/** A 64-bit integer as it has been read: 8 bytes of a buffer, the highest first. */
export function int64Text(value: unknown): string {
  const { buffer, offset = 0 } = value as { readonly buffer: Buffer; readonly offset?: number }
  return buffer.readBigInt64BE(offset).toString()
}

export { types as thriftTypes }

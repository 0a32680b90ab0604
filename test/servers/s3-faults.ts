import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ListedObject, XmlFields } from './s3-xml.ts'

/** What is done in the place of an answer, whatever was asked. */
export type S3Fault =
  /** An error in the words of S3. */
  | { readonly error: string; readonly status: number; readonly message: string; readonly fields?: XmlFields }
  /** Anything else that HTTP can carry; without what every answer of S3 has. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body: string }
  /** A listing of these, whatever was asked for; with a token there is more. */
  | { readonly listing: readonly ListedObject[]; readonly nextToken?: string }
  | 'HANG'
  /** The head of an answer, and then a byte now and then. */
  | 'DRIP'
  /** An answer without an end. */
  | 'FLOOD'
  /** Hangs up in the middle of an answer. */
  | 'CUT'
  | 'CUT_AT_ONCE'
  | BodyFault

/** What is done with the body of an object, behind a proper head. */
export type BodyFault =
  /** The first half of it, and then nothing more. */
  | 'HANG_IN_BODY'
  | 'CUT_IN_BODY'
  | 'DRIP_IN_BODY'
  /** Without a length, and without an end. */
  | 'ENDLESS_BODY'
  /** All of the object (HTTP 200), whatever range was asked for. */
  | 'IGNORE_RANGE'
  /** One byte less than was asked for, and 1,000 more; both agree with the length that is announced. */
  | 'SHORT_RANGE'
  | 'LONG_RANGE'
  /** As many bytes as were asked for, from elsewhere. */
  | 'OTHER_RANGE'
  /** Takes no notice of what the object is to be compared with. */
  | 'IGNORE_MATCH'

const bodyFaults: readonly string[] = [
  'HANG_IN_BODY',
  'CUT_IN_BODY',
  'DRIP_IN_BODY',
  'ENDLESS_BODY',
  'IGNORE_RANGE',
  'SHORT_RANGE',
  'LONG_RANGE',
  'OTHER_RANGE',
  'IGNORE_MATCH',
] satisfies readonly BodyFault[]

export const isBodyFault = (fault: S3Fault | null): fault is BodyFault =>
  typeof fault === 'string' && bodyFaults.includes(fault)

/** How much an answer has been let send. Counted as it goes out, not as it is made. */
export interface Traffic {
  /** Bytes of objects that were handed to the network. */
  sentBytes: number
  /** Answers whose reader takes no more for now. */
  blocked: number
  /** Answers that are being withheld, and how many ever were. */
  held: number
  everHeld: number
}

/** Resolves when the reader takes more, or has gone. */
export async function write(response: ServerResponse, piece: Buffer, traffic: Traffic): Promise<void> {
  if (response.destroyed) return
  traffic.sentBytes += piece.length
  if (response.write(piece)) return
  traffic.blocked += 1
  await new Promise<void>(resolve => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    response.on('drain', done).on('close', done)
  })
  traffic.blocked -= 1
}

/** Until the other side has given up. */
export async function withhold(response: ServerResponse, traffic: Traffic): Promise<void> {
  traffic.held += 1
  traffic.everHeld += 1
  if (!response.destroyed) await once(response, 'close')
  traffic.held -= 1
}

const xml = { 'content-type': 'application/xml' }

/** An answer that is none. */
export async function misbehave(
  fault: 'HANG' | 'DRIP' | 'FLOOD' | 'CUT' | 'CUT_AT_ONCE',
  response: ServerResponse,
  traffic: Traffic,
): Promise<void> {
  switch (fault) {
    case 'HANG':
      return withhold(response, traffic)
    case 'CUT_AT_ONCE':
      response.destroy()
      return
    case 'CUT':
      response.writeHead(200, { ...xml, 'content-length': 10_000 })
      response.write('<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>', () => response.destroy())
      return
    case 'DRIP':
      response.writeHead(200, xml)
      return drip(response)
    case 'FLOOD': {
      response.writeHead(200, xml)
      const piece = Buffer.from('<Contents><Key>x</Key></Contents>'.repeat(2_000))
      await write(response, Buffer.from('<?xml version="1.0"?><ListBucketResult>'), traffic)
      while (!response.destroyed) await write(response, piece, traffic)
    }
  }
}

export async function drip(response: ServerResponse): Promise<void> {
  while (!response.destroyed && !response.writableEnded) {
    response.write(' ')
    await delay(50)
  }
}

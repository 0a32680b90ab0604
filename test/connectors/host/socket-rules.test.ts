import { describe, expect, it } from 'vitest'
import { rulesOf } from '../../../src/connectors/host/network-guard.ts'
import type { Job } from '../../../src/connectors/host/protocol.ts'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { environmentFor } from '../../servers/type-run.ts'

const mebibyte = 2 ** 20
const environment = await environmentFor()
const limits = { maxRows: 10, maxBytes: 4 * mebibyte }
const query = (change: Partial<typeof limits> = {}): Job =>
  ({ kind: 'QUERY', environment, limits: { ...limits, ...change }, config: {}, query: {} }) as unknown as Job
const list = { kind: 'LIST', environment, request: {}, config: {} } as unknown as Job
const test = { kind: 'TEST', environment, plan: [], config: {} } as unknown as Job

describe('what a server may send on one socket', () => {
  it('is in a test the same for every type, however large its sources are', () => {
    expect([postgres, s3].map(type => rulesOf(test, type).maxBytesPerSocket)).toEqual([64 * mebibyte, 64 * mebibyte])
  })

  it('is in a list as in a test, also for a type that reads large files', () => {
    expect([postgres, s3].map(type => rulesOf(list, type).maxBytesPerSocket)).toEqual([64 * mebibyte, 64 * mebibyte])
  })

  it('follows in a query from the rows that are wanted, with something to spare', () => {
    expect(rulesOf(query(), postgres).maxBytesPerSocket).toBe(256 * mebibyte)
    expect(rulesOf(query({ maxBytes: 2 ** 30 }), postgres).maxBytesPerSocket).toBe(2 ** 33)
  })

  it('may be more for a type that reads files from their beginning', () => {
    expect(rulesOf(query(), s3).maxBytesPerSocket).toBe(s3.maxQueryWireBytes)
    expect(s3.maxQueryWireBytes).toBeGreaterThan(2 ** 30)
  })
})

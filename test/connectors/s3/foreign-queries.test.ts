import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { S3Double } from '../../servers/s3-double.ts'
import {
  byKey,
  expectQueryProblem,
  foreignInput,
  inputOf,
  knownKeys,
  queryS3,
  rowsOf,
  stepOf,
  testS3,
} from './s3-run.ts'

describe('a query at a server in the place of S3', () => {
  it('asks for its object and for nothing else, whatever else is not to be had', async () => {
    await using server = await S3Double.start({ keys: knownKeys, at: { ListObjectsV2: 'HANG' } })
    server.objects.put('a.csv', 'n\none\n')
    expect(rowsOf(await queryS3(foreignInput(server), byKey('a.csv')))).toEqual([['one']])
    expect(new Set(server.operations)).toEqual(new Set(['GetObject']))
  })

  it('tells of a key that the server does not know', async () => {
    await using server = await S3Double.start({ keys: {} })
    expectQueryProblem(await queryS3(foreignInput(server), byKey('a.csv')), { code: 'CLOUD_CREDENTIALS_REJECTED' })
  })

  it('finds it at an address of IPv6 too, with a certificate for that', async () => {
    const root = issueCertificate({ commonName: 'Test Root', authority: true })
    const certificate = issueCertificate({ commonName: 's3', issuer: root, names: ['::1'], usage: 'server' })
    await using server = await S3Double.start({ keys: knownKeys, certificate })
    server.objects.put('a.csv', 'n\none\n')
    const relay = createServer(socket => {
      const to = connect(server.port, '127.0.0.1')
      socket.pipe(to).pipe(socket)
      const hangUp = () => {
        socket.destroy()
        to.destroy()
      }
      for (const side of [socket, to]) side.on('error', () => {}).on('close', hangUp)
    }).listen(0, '::1')
    await once(relay, 'listening')
    const at = `[::1]:${(relay.address() as AddressInfo).port}`
    const input = inputOf({ endpoint: `https://${at}`, caCertificates: root.certificate })
    const reports = await testS3(input)
    expect([`SECURE:${at}`, `SIGN_IN:${at}`, 'READ'].map(id => stepOf(reports, id).status)).toEqual([
      'PASSED',
      'PASSED',
      'PASSED',
    ])
    expect(rowsOf(await queryS3(input, byKey('a.csv')))).toEqual([['one']])
    relay.close()
    await once(relay, 'close')
  })
})

import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import type { Behaviour, MongoOptions } from '../../servers/mongo-double.ts'
import { answerTo } from '../../servers/mongo-messages.ts'
import { MongoReplicaSet } from '../../servers/mongo-replica-set.ts'
import { queryMongodb, testMongodb } from '../../servers/mongodb-run.ts'
import { expectFailure, expectQueryProblem } from './expectations.ts'
import {
  ann,
  budgetsOf,
  certificate,
  config,
  data,
  find,
  nothingLeft,
  queryHostile,
  startDouble,
  testHostile,
  tlsOf,
} from './hostile-run.ts'

/** Gives the sound answer, and hangs up. */
const answerAndClose: Behaviour = async ({ peer, request, answer }) => {
  if (!request) return
  await peer.send(answerTo(request, answer))
  peer.socket.end()
}
const manyRows = { shop: { orders: Array.from({ length: 5_000 }, (_, _id) => ({ _id })) } }
const limits = { maxRows: 10_000, maxBytes: 10_485_760 }

describe('the test of a MongoDB connector signs in once', () => {
  it.each(['saslContinue', 'buildInfo', 'listDatabases', 'listCollections', 'find', 'connectionStatus', 'endSessions'])(
    'although the server closes the connection after %s',
    async stage => {
      const { reports, server } = await testHostile({ at: { [stage]: answerAndClose }, budgetMs: 3_000 })
      expect(reports.SIGN_IN?.status).toBe('PASSED')
      expect(server.signIns).toHaveLength(1)
    },
  )

  it('and says in the next step that the connection is gone', async () => {
    const { reports } = await testHostile({ at: { find: answerAndClose }, budgetMs: 3_000 })
    expect(reports.READ?.status).toBe('PASSED')
    expectFailure(reports, 'LEAST_PRIVILEGE', 'CONNECTION_RESET')
  })

  it.each<[string, MongoOptions]>([
    ['a wrong password', { accounts: [{ ...ann, password: 'another' }] }],
    ['an unknown account', { accounts: [] }],
    ['an account that has only SCRAM-SHA-1', { accounts: [{ ...ann, mechanisms: ['SCRAM-SHA-1'] }] }],
    ['a sign-in that does not come along with the hello', { at: { signInHello: withoutSpeculation } }],
    ['a server without sessions', { hello: () => ({ logicalSessionTimeoutMinutes: undefined }) }],
  ])('with %s', async (_, options) => {
    const { server } = await testHostile({ ...options, budgetMs: 3_000 })
    expect(server.signIns).toHaveLength(1)
    expect(server.commandsNamed('saslStart').length).toBeLessThanOrEqual(1)
  })

  it('by certificate too', async () => {
    const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
    const client = issueCertificate({ commonName: 'ann', issuer: clientRoot, usage: 'client' })
    const { server } = await testHostile({
      line: 'TLS',
      accounts: [{ username: 'CN=ann', database: '$external', roles: [{ role: 'read', db: 'shop' }] }],
      tls: { certificate, clientAuthority: clientRoot },
      change: {
        auth: { x509: true },
        tls: { ...tlsOf('TLS'), clientCertificate: client.certificate, clientKey: client.key },
      },
      at: { find: answerAndClose },
      budgetMs: 3_000,
    })
    expect(server.signIns).toHaveLength(1)
  })

  it('in a whole replica set, also when the member that was chosen goes away', async () => {
    const member = { data, accounts: [ann], at: { find: answerAndClose } }
    await using set = await MongoReplicaSet.start('rs0', [member, member, member])
    await testMongodb({ ...config(0, 'clear'), hosts: set.hosts }, { budgetsMs: budgetsOf(3_000) })
    expect(set.members.flatMap(({ signIns }) => signIns)).toHaveLength(1)
  })
})

describe('a query on a MongoDB connector', () => {
  it('does not sign in again when the server closes the connection', async () => {
    const { outcome, server } = await queryHostile({ data: manyRows, at: { find: answerAndClose }, limits })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expectQueryProblem(outcome, { code: 'CONNECTION_RESET' })
    expect(server.signIns).toHaveLength(1)
  })

  it.each([
    ['find', 1],
    ['getMore', 1],
  ] as const)('signs in a second time only to stop what it has begun (%s)', async (stage, killed) => {
    const reached = Promise.withResolvers<void>()
    await using server = await startDouble('clear', { data: manyRows, at: { [stage]: () => reached.resolve() } })
    const cancel = new AbortController()
    const run = queryMongodb(config(server.port, 'clear'), find(), { signal: cancel.signal, limits })
    await reached.promise
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    await nothingLeft(server)
    expect(server.signIns).toHaveLength(2)
    const ours = server.commandsNamed(stage).map(({ lsid }) => lsid)
    expect(server.commandsNamed('killSessions').map(({ killSessions }) => killSessions)).toEqual([ours])
    expect(ours).toHaveLength(killed)
  })

  it('that is refused at the sign-in does not try again to stop anything', async () => {
    const { server } = await queryHostile({ accounts: [{ ...ann, password: 'another' }] })
    expect(server.signIns).toHaveLength(1)
  })
})

function withoutSpeculation({ answer }: Parameters<Behaviour>[0]) {
  const { speculativeAuthenticate: _, ...rest } = answer
  return rest
}

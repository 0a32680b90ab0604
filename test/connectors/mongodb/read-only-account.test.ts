import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import type { MongoAccount } from '../../servers/mongo-sign-in.ts'
import { testMongodb } from '../../servers/mongodb-run.ts'
import { expectPass, expectProblem } from './expectations.ts'
import { ann, budgetsOf, certificate, config, startDouble, tlsOf } from './hostile-run.ts'
import { runInMongosh } from './mongosh.ts'

const page = readFileSync(new URL('../../../docs/connectors/mongodb.md', import.meta.url), 'utf8')
const commandsOnPage = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, commands]) => commands ?? '')
const newPassword = 'password of the new account'
const budgetsMs = budgetsOf(5_000)

function commandsOf({ remedies }: Problem): string {
  const [commands] = remedies.flatMap(remedy => (remedy.kind === 'RUN_SQL' ? [remedy.sql] : []))
  if (commands === undefined) throw new Error('There is nothing to run.')
  return commands
}

const signedInAs = (username: string) => ({ auth: { scram: { username, password: newPassword } } })

describe('the remedy for a MongoDB account that can write', () => {
  it.each<[string, Partial<MongoAccount>]>([
    ['writes to one database', { roles: [{ role: 'readWrite', db: 'shop' }] }],
    ['is root', { roles: [{ role: 'root', db: 'admin' }] }],
    [
      'writes to one collection and reads another',
      {
        roles: [],
        privileges: [
          { resource: { db: 'shop', collection: 'orders' }, actions: ['find', 'insert'] },
          { resource: { db: 'shop', collection: 'people' }, actions: ['find'] },
        ],
      },
    ],
    ['has a name that must be quoted', { username: 'a"n\\n`', roles: [{ role: 'readWrite', db: 'shop' }] }],
  ])('makes one that reads as much as the one that %s, and nothing else', async (_, rights) => {
    const account = { ...ann, ...rights }
    const accounts: MongoAccount[] = [account]
    await using server = await startDouble('clear', { accounts })
    const present = { auth: { scram: { username: account.username, password: account.password } } }
    const before = await testMongodb(config(server.port, 'clear', present), { budgetsMs })
    const problem = expectProblem(before, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    runInMongosh(commandsOf(problem), accounts, newPassword)
    const [renamed] = problem.remedies.flatMap(remedy => (remedy.kind === 'SET_FIELD' ? [remedy] : []))
    expect(renamed?.field).toBe('auth.scram.username')
    const after = await testMongodb(config(server.port, 'clear', signedInAs(String(renamed?.value))), { budgetsMs })
    expect(expectPass(after)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(JSON.stringify(after.READ?.evidence)).toMatch(/shop\.(orders|people)/)
  })

  it('lets one that can read nothing read a database', async () => {
    const accounts: MongoAccount[] = [{ ...ann, roles: [] }]
    await using server = await startDouble('clear', { accounts })
    const problem = expectProblem(
      await testMongodb(config(server.port, 'clear'), { budgetsMs }),
      'READ',
      'NOTHING_READABLE',
    )
    runInMongosh(commandsOf(problem).replaceAll('<database>', 'shop'), accounts, newPassword)
    expect(expectPass(await testMongodb(config(server.port, 'clear'), { budgetsMs }))).toEqual({
      SECURE: 'CONNECTION_NOT_ENCRYPTED',
    })
  })
})

describe('the page of MongoDB', () => {
  it('shows commands', () => {
    expect(commandsOnPage.length).toBeGreaterThan(0)
  })

  it.each(commandsOnPage)('whose commands make an account that can only read:\n%s', async commands => {
    const accounts: MongoAccount[] = []
    runInMongosh(commands, accounts, newPassword)
    const [made] = accounts
    if (!made) throw new Error('There is no new account.')
    const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
    await using server = await startDouble('TLS', {
      accounts: made.database === '$external' ? [{ ...made, username: 'CN=ann' }] : accounts,
      tls: { certificate, clientAuthority: clientRoot },
    })
    const client = issueCertificate({ commonName: 'ann', issuer: clientRoot, usage: 'client' })
    const change =
      made.database === '$external'
        ? {
            auth: { x509: true },
            tls: { ...tlsOf('TLS'), clientCertificate: client.certificate, clientKey: client.key },
          }
        : signedInAs(made.username)
    const reports = await testMongodb(config(server.port, 'TLS', change), { budgetsMs })
    expect(expectPass(reports)).toEqual({})
  })
})

import { createServer } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { expectFailure } from './expectations.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })

/** A server over TLS that asks for the password in clear text, keeps what it hears and rejects it. */
async function nosyServer() {
  const heard: string[] = []
  const tls = createServer({ cert: certificate.certificate, key: certificate.key }, socket => {
    socket.on('error', () => {})
    socket.once('data', startup => {
      heard.push(startup.toString('utf8'))
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
      socket.once('data', password => {
        heard.push(password.toString('utf8', 5).replace(/\0$/, ''))
        const fields = Buffer.from('SFATAL\0VFATAL\0C28P01\0MPAM authentication failed\0\0')
        const head = Buffer.from([0x45, 0, 0, 0, fields.length + 4])
        socket.end(Buffer.concat([head, fields]))
      })
    })
  })
  const peer = await ScriptedServer.start(socket =>
    socket.once('data', () => {
      socket.removeAllListeners('data')
      socket.write('S')
      tls.emit('connection', socket)
    }),
  )
  return { peer, heard }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('signing in to PostgreSQL', () => {
  it('makes a fresh token for AWS IAM from the access key, and keeps the key', async () => {
    const { peer, heard } = await nosyServer()
    await using _ = peer
    const awsIam = {
      username: 'ann',
      region: 'eu-west-1',
      accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
      secretAccessKey: 'the-secret-key',
      sessionToken: 'the-session',
    }
    const reports = await testPostgres({
      host: '127.0.0.1',
      port: peer.port,
      auth: { awsIam },
      tls: { caCertificates: root.certificate },
    })
    const problem = expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.fields).toEqual(['auth.awsIam.secretAccessKey', 'auth.awsIam.username'])
    const token = heard[1] ?? ''
    expect(token.startsWith(`127.0.0.1:${peer.port}/?`)).toBe(true)
    const parameters = new URLSearchParams(token.slice(token.indexOf('?')))
    expect(parameters.get('Action')).toBe('connect')
    expect(parameters.get('DBUser')).toBe('ann')
    expect(parameters.get('X-Amz-Security-Token')).toBe('the-session')
    expect(parameters.get('X-Amz-Credential')).toMatch(/^AKIAIOSFODNN7EXAMPLE\/\d+\/eu-west-1\/rds-db\/aws4_request$/)
    expect(heard.join()).not.toContain('the-secret-key')
  })

  it("takes nothing from the process' environment", async () => {
    for (const [name, value] of Object.entries({
      PGPASSWORD: 'of-the-operator',
      PGUSER: 'operator',
      PGOPTIONS: '-c work_mem=1',
      PGDATABASE: 'operators',
      PGAPPNAME: 'op',
      PGSSLMODE: 'disable',
      PGHOST: 'operator.test',
    })) {
      vi.stubEnv(name, value)
    }
    const { peer, heard } = await nosyServer()
    await using _ = peer
    const tls = { caCertificates: root.certificate, clientCertificate: client.certificate, clientKey: client.key }
    const reports = await testPostgres({
      host: '127.0.0.1',
      port: peer.port,
      auth: { clientCertificate: { username: 'ann' } },
      tls,
    })
    expectFailure(reports, 'SIGN_IN', 'AUTH_METHOD_UNSUPPORTED')
    const startup = heard[0]?.slice(8).split('\0')
    expect(startup).toEqual([
      'user',
      'ann',
      'database',
      'postgres',
      'client_encoding',
      'UTF8',
      'application_name',
      'patchbay',
      '',
      '',
    ])
    expect(heard).toHaveLength(1)
  })
})

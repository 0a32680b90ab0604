import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import { createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import { connectorHostReadRoots } from '../../../src/connectors/host/read-roots.ts'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { parseConfig, testPostgres } from '../../servers/postgres-run.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import { environmentFor } from '../../servers/type-run.ts'

const root = issueCertificate({ commonName: 'Own Root', authority: true })
const server = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const options = { cert: server.certificate, key: server.key }

/** What two connectors of one workspace have in their forms. */
const withOwnAuthority = { caCertificates: root.certificate }
const withoutIt = {}
const config = (port: number, tls: Record<string, unknown>) => ({
  host: '127.0.0.1',
  port,
  auth: { password: { username: 'reader', password: 'pw' } },
  tls,
})

/** Ids of the living children of this process that run the program's own entry. */
const children = (): string[] =>
  readdirSync('/proc').filter(name => {
    try {
      const isOurs = readFileSync(`/proc/${name}/status`, 'latin1').includes(`\nPPid:\t${process.pid}\n`)
      return isOurs && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes('host/child.ts')
    } catch {
      return false
    }
  })

// Versions differ in how a session is resumed: by ticket, or by its id.
describe.each(['TLSv1.2', 'TLSv1.3'] as const)('an own authority, with %s', version => {
  it('is trusted by its connector only, in one process', async () => {
    await using double = await TlsDouble.start({ ...options, minVersion: version, maxVersion: version })
    const secure = async (tls: Record<string, unknown>) => (await testPostgres(config(double.port, tls))).SECURE
    for (let round = 0; round < 3; round += 1) {
      expect(await secure(withOwnAuthority)).toMatchObject({ status: 'PASSED' })
      expect(await secure(withoutIt)).toMatchObject({
        status: 'FAILED',
        problem: { code: 'TLS_CERTIFICATE_UNTRUSTED' },
      })
    }
    expect(double.resumed).not.toContain(true)
  })

  it('is trusted by its connector only, in one child of the connector host', async () => {
    await using double = await TlsDouble.start({ ...options, minVersion: version, maxVersion: version })
    const host = createConnectorHost({
      childEntry: new URL('../../../src/connectors/host/child.ts', import.meta.url),
      readRoots: connectorHostReadRoots([new URL('../../../src/', import.meta.url)]),
      maxChildren: 1,
      queueWaitMs: 15_000,
    })
    try {
      const environment = await environmentFor()
      const secure = async (tls: Record<string, unknown>): Promise<StepReport | undefined> => {
        const parsed = parseConfig(config(double.port, tls))
        const reports = new Map<string, StepReport>()
        const job = {
          kind: 'TEST',
          typeName: 'POSTGRES',
          config: parsed,
          plan: postgres.plan(parsed as never),
          environment,
        } as const
        await host.test(
          job,
          message => {
            if (message.kind === 'STEP_FINISHED') reports.set(message.stepId, message.report)
          },
          { workspaceId: 'a', signal: new AbortController().signal, deadlineMs: 20_000 },
        )
        return reports.get('SECURE')
      }
      expect(await secure(withOwnAuthority)).toMatchObject({ status: 'PASSED' })
      const served = children()
      expect(served).toHaveLength(1)
      expect(await secure(withoutIt)).toMatchObject({
        status: 'FAILED',
        problem: { code: 'TLS_CERTIFICATE_UNTRUSTED' },
      })
      expect(await secure(withOwnAuthority)).toMatchObject({ status: 'PASSED' })
      // It was the same process each time.
      expect(children()).toEqual(served)
      expect(double.resumed).not.toContain(true)
    } finally {
      await host.close()
    }
  })
})

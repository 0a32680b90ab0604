import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { install } from './install.ts'
import type { NamespaceReport } from './ssrf-namespace.ts'

async function whyNot(): Promise<string | null> {
  const installation = await install('iproute2', '/usr/sbin/ip')
  if (!installation.installed) return installation.reason
  const namespaces = spawnSync('unshare', ['--net', '--mount', 'true'])
  return namespaces.status === 0 ? null : 'This machine lets nobody make a network namespace.'
}

const reason = await whyNot()
if (reason === null) describe('where every denied address exists and somebody listens on it', inNamespace)
else test('where every denied address exists and somebody listens on it', context => context.skip(reason))

function inNamespace(): void {
  let report: NamespaceReport

  beforeAll(async () => {
    const script = join(import.meta.dirname, 'ssrf-namespace.ts')
    const { stdout } = await promisify(execFile)('unshare', ['--net', '--mount', process.execPath, script], {
      timeout: 540_000,
      maxBuffer: 16_000_000,
    })
    report = JSON.parse(stdout) as NamespaceReport
  })

  test('connections are counted', () => {
    const { listeners, control } = report
    expect(control).toEqual({ connections: listeners, opened: listeners })
  })

  test('no route of the corpus makes any type of connector send a packet', () => {
    const { routes, outcomes, connections, opened } = report.corpus
    expect({ connections, opened }).toEqual({ connections: 0, opened: 0 })
    expect(Object.keys(outcomes).sort()).toEqual(['EGRESS_DENIED', 'REFUSED_BY_FORM'])
    expect(routes).toBeGreaterThanOrEqual(120)
  })

  test('a name that rebinds is dialled where it was checked, and nowhere else', () => {
    const once = { connections: 0, opened: 1, outside: 1 }
    // Where encryption comes first and none is, it is asked in clear text what is there, at the same address.
    const twice = { connections: 0, opened: 2, outside: 2 }
    // What listens there hangs up: it is no database and no SSH server.
    expect(report.rebinding).toEqual([
      ...['POSTGRES', 'MYSQL', 'REDSHIFT'].flatMap(type => [
        { field: `${type} host`, failedStep: 'GREET', ...once },
        { field: `${type} sshTunnel.host`, failedStep: 'TUNNEL', ...once },
      ]),
      { field: 'MONGODB hosts.*.host', failedStep: 'SECURE', ...twice },
      { field: 'S3 endpoint', failedStep: 'SECURE', ...once },
      { field: 'SNOWFLAKE auth.oauthClientCredentials.tokenUrl', failedStep: 'SECURE', ...twice },
      { field: 'DATABRICKS host', failedStep: 'SECURE', ...twice },
      { field: 'HTTP_API baseUrl', failedStep: 'SECURE', ...once },
      { field: 'HTTP_API auth.oauthClientCredentials.tokenUrl', failedStep: 'SECURE', ...twice },
    ])
  })

  test('no driver can be talked into it by a server, a redirect, a name or a lookup of its own', () => {
    const { orders, answers, allowed, connections, opened } = report.rogue
    expect(connections).toBe(0)
    // Nothing was begun but what the servers outside saw arrive.
    expect(opened).toBe(allowed)
    // The last orders are allowed once each: a plain connection, and the first answer of a name that rebinds.
    const { connected = 0, EGRESS_DENIED = 0, ERR_IP_BLOCKED = 0, ...other } = answers
    expect(other).toEqual({})
    expect(connected).toBe(2)
    expect(ERR_IP_BLOCKED).toBe(report.listeners)
    expect(EGRESS_DENIED).toBe(orders - connected - ERR_IP_BLOCKED)
  })
}

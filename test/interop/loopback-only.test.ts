import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { registered } from '../contract/fixtures.ts'
import { install } from './install.ts'
import type { LoopbackReport } from './loopback-story.ts'

const run = promisify(execFile)

async function whyNot(): Promise<string | null> {
  for (const [name, program] of [
    ['strace', '/usr/bin/strace'],
    ['iproute2', '/usr/sbin/ip'],
  ] as const) {
    const installation = await install(name, program)
    if (!installation.installed) return installation.reason
  }
  const namespaces = spawnSync('unshare', ['--net', 'true'])
  return namespaces.status === 0 ? null : 'This machine lets nobody make a network namespace.'
}

const reason = await whyNot()
if (reason === null) describe('where loopback is the only network', onLoopbackOnly)
else test('where loopback is the only network', context => context.skip(reason))

function onLoopbackOnly(): void {
  let report: LoopbackReport

  beforeAll(async () => {
    await run(process.execPath, ['scripts/build.mjs'])
    const story = join(import.meta.dirname, 'loopback-story.ts')
    const { stdout } = await run('unshare', ['--net', process.execPath, story], {
      timeout: 300_000,
      maxBuffer: 16_000_000,
    })
    report = JSON.parse(stdout) as LoopbackReport
  })

  test('the whole story of a connector works', () => {
    expect(report.interfaces).toEqual(['lo'])
    expect(report.story).toMatchObject({ verification: 'CURRENT', rows: [['lamp'], ['chair']], foundAfterwards: null })
    expect(report.servers.filter(({ exitCode }) => exitCode !== 0)).toEqual([])
  })

  const served = registered.flatMap(({ name, fixture }) =>
    fixture.served.map(input => ({ name: `${name}, ${input}`, rows: fixture.reads.rows })),
  )
  test.each(served)('so it does with $name, and without the guard too', ({ name, rows }) => {
    const { story, unguarded } = report.types.find(type => type.name === name) ?? {}
    expect(story).toMatchObject({ verification: 'CURRENT', rows, foundAfterwards: null })
    expect(unguarded?.statuses).not.toContain('FAILED')
    expect(unguarded?.rows).toEqual(rows)
  })

  test('nothing was even tried elsewhere, from the first import to the last breath', () => {
    expect(report.unroutedPacketsAfterControl).toBeGreaterThan(report.unroutedPackets)
    expect(report.unroutedPackets).toBe(0)
    const addresses = report.servers.flatMap(server => server.addresses)
    // The database was reached, so the trace sees connections.
    expect(addresses).toContain('127.0.0.1')
    expect(addresses.filter(address => !/^127\.|^::1$/.test(address))).toEqual([])
  })

  test('drivers were loaded, and not by the process that serves the API', () => {
    const opened = new Set(report.servers.flatMap(({ packages }) => packages))
    // In the bundle there are those that are small: no file of theirs is opened.
    const bundled = ['jose', 'undici', 'http-link-header']
    for (const { name, fixture } of registered) {
      const outside = fixture.drivers.filter(driver => !bundled.includes(driver))
      const isLoaded = outside.length === 0 || outside.some(driver => opened.has(driver))
      expect(isLoaded, `${name}: ${[...opened].join(', ')}`).toBe(true)
      for (const { apiPackages } of report.servers) {
        expect(apiPackages).toContain('better-sqlite3')
        expect(outside.filter(driver => apiPackages.includes(driver))).toEqual([])
      }
    }
  })

  test('nothing was written outside the data directory', () => {
    for (const { dataDirectory, writtenPaths } of report.servers) {
      const inside = (path: string) => path === dataDirectory || path.startsWith(`${dataDirectory}/`)
      expect(writtenPaths.filter(inside)).toContain(join(dataDirectory, 'patchbay.db'))
      expect(writtenPaths.filter(path => !inside(path) && path !== '/dev/null')).toEqual([])
    }
  })

  test('no program was started but Node, by way of the one that lets the kernel end it, and no process is left', () => {
    for (const { programs } of report.servers) {
      expect(programs.toSorted()).toEqual(['/usr/bin/setpriv', process.execPath].toSorted())
    }
    expect(report.processesLeft).toEqual([])
  })

  test('standard output holds the banner, a log line for each read of secrets, and one at the end', () => {
    const fields = ['connectorId', 'level', 'msg', 'ok', 'store', 'time', 'versionId', 'workspaceId']
    let readings = 0
    for (const { stdout } of report.servers) {
      const lines = stdout.trimEnd().split('\n')
      const logged = lines
        .filter(line => line.startsWith('{'))
        .map(line => JSON.parse(line) as { readonly msg: string })
      const reads = logged.filter(({ msg }) => msg === 'Secrets read')
      readings += reads.length
      for (const read of reads) expect(Object.keys(read).sort()).toEqual(fields)
      expect(logged.filter(line => !reads.includes(line))).toMatchObject([{ msg: 'Shutting down' }])
      const banner = lines.filter(line => !line.startsWith('{'))
      expect(banner[0]).toBe('Patchbay is ready.')
      expect(banner.slice(1).filter(line => !line.startsWith('  '))).toEqual([])
    }
    expect(readings).toBeGreaterThan(0)
  })

  test('the environment of the API process stays as it was', () => {
    // The first one, and those that have to be told of AWS.
    expect(report.servers.length).toBeGreaterThan(1)
    for (const { environment } of report.servers) expect(environment.after).toEqual(environment.before)
  })
}

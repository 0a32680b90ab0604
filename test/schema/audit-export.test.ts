import { once } from 'node:events'
import { request } from 'node:http'
import { describe, expect, test, vi } from 'vitest'
import type { AuditRow } from '../../src/db/audit-store.ts'
import { AuthenticationError, type Session } from '../../src/identity/authenticator.ts'
import type { Identity } from '../../src/identity/identity.ts'
import type { AuditRange, AuditReading } from '../../src/services/audit-reading.ts'
import type { Scope, Viewer } from '../../src/services/viewer.ts'
import { startServer } from '../server/server-world.ts'
import { renamedConnector } from '../services/audit-world.ts'
import { viewerOf } from '../viewers.ts'

const row = (number: number, change: Partial<AuditRow> = {}): AuditRow => ({
  workspaceId: 'north',
  id: `entry-${number}`,
  at: new Date('2026-11-22T09:30:00.123Z'),
  ...renamedConnector,
  ...change,
})

/** Credentials are scopes, which is all that matters here. */
const identity: Identity = {
  identify: async authorization => {
    if (authorization === null) throw new AuthenticationError('MISSING', 'None was given.')
    const scopes = authorization.replace('Bearer ', '').split(',') as Scope[]
    const session: Session = {
      viewer: viewerOf('north', { id: authorization, scopes: new Set(scopes) }),
      isStillGood: async () => true,
    }
    return session
  },
}
const mayRead = { headers: { authorization: 'Bearer audit:read' } }

async function world(pages: (range: AuditRange, viewer: Viewer) => AsyncGenerator<readonly AuditRow[]>) {
  const refusedExport = vi.fn<AuditReading['refusedExport']>(async () => undefined)
  const auditLog: Partial<AuditReading> = {
    refusedExport,
    export: (actor, range) => pages(range, actor as Viewer),
  }
  const server = await startServer({ auditLog }, { identity })
  return { server, refusedExport, url: `${server.origin}/audit.ndjson` }
}

async function* none(): AsyncGenerator<readonly AuditRow[]> {}

describe('GET /audit.ndjson', () => {
  test('answers one object a line, with the names and ids of the API', async () => {
    const asked: unknown[] = []
    const { server, url } = await world(async function* (range, viewer) {
      asked.push(range, viewer.workspace.id, viewer.request)
      yield [row(1), row(2, { targetKind: null, targetId: null, targetName: null })]
      yield [row(3)]
    })
    await using _ = server
    const response = await fetch(`${url}?from=2026-11-22T09:00:00Z&to=2026-11-22T10:00:00%2B01:00`, mayRead)
    expect(response.status).toBe(400)
    const good = await fetch(`${url}?from=2026-11-22T08:00:00Z&to=2026-11-22T10:00:00%2B01:00`, mayRead)
    expect(good.headers.get('content-type')).toBe('application/x-ndjson')
    expect(good.headers.get('cache-control')).toBe('no-store')
    const lines = (await good.text()).split('\n')
    expect(lines).toHaveLength(4)
    expect(lines.at(-1)).toBe('')
    expect(lines.slice(0, 3).map(line => JSON.parse(line))).toEqual([
      {
        id: 'entry-1',
        at: '2026-11-22T09:30:00.123Z',
        actor: { kind: 'USER', id: 'user:ada', name: 'Ada' },
        action: 'UPDATE_CONNECTOR',
        outcome: 'DONE',
        reason: null,
        target: { kind: 'CONNECTOR', id: 'Q29ubmVjdG9yOmMx', name: 'Main' },
        changedFields: ['name'],
        details: { version: 2 },
        address: '192.0.2.1',
        requestId: 'r1',
      },
      expect.objectContaining({ id: 'entry-2', target: null }),
      expect.objectContaining({ id: 'entry-3' }),
    ])
    expect(asked).toEqual([
      { from: new Date('2026-11-22T08:00:00Z'), to: new Date('2026-11-22T09:00:00Z') },
      'north',
      { id: expect.any(String), address: expect.stringContaining('127.0.0.1') },
    ])
  })

  test.each([
    'from=yesterday',
    'from=2026-11-22',
    'to=1700000000000',
    'from=2026-11-22T09:00:00Z&to=2026-11-22T09:00:00Z',
    'from=2026-11-22T09:00:00Z&from=2026-11-22T09:00:00Z',
    'from=2026-13-45T09:00:00Z',
    'access_token=secret',
    'first=1',
  ])('refuses ?%s', async query => {
    const { server, url } = await world(none)
    await using _ = server
    const response = await fetch(`${url}?${query}`, mayRead)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: { code: 'BAD_USER_INPUT', message: expect.any(String) } })
  })

  test('is for those alone who may read the audit log, and tells of others', async () => {
    const { server, url, refusedExport } = await world(none)
    await using _ = server
    const nobody = await fetch(url)
    expect([nobody.status, nobody.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('Bearer')])
    const other = await fetch(url, { headers: { authorization: 'Bearer connectors:read,workspace:admin' } })
    expect([other.status, await other.json()]).toEqual([403, { error: expect.objectContaining({ code: 'FORBIDDEN' }) }])
    expect(refusedExport.mock.calls.map(([viewer, reason]) => [viewer.workspace.id, reason])).toEqual([
      ['north', 'FORBIDDEN'],
    ])
    const posted = await fetch(url, { ...mayRead, method: 'POST', body: '' })
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET'])
  })

  test('what cannot be told of is not begun', async () => {
    const { server, url } = await world(async function* () {
      yield await Promise.reject(new Error('The disk of secret-host is full.'))
    })
    await using _ = server
    const response = await fetch(url, mayRead)
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('secret-host')
    // And blocks nobody.
    expect((await fetch(url, mayRead)).status).toBe(503)
  })

  test('goes at the pace of whoever reads, one at a time for each, and ends when nobody reads on', async () => {
    let made = 0
    const ended = Promise.withResolvers<void>()
    const page = Array.from({ length: 500 }, (_, number) => row(number, { targetName: 'x'.repeat(200) }))
    const { server, url, refusedExport } = await world(async function* () {
      try {
        for (; made < 5000; made++) yield page
      } finally {
        ended.resolve()
      }
    })
    await using _ = server
    const asking = request(url, { headers: { authorization: 'Bearer audit:read' } })
    asking.end()
    const [response] = await once(asking, 'response')
    // Reads nothing: what the sockets hold is all that is made.
    await vi.waitFor(async () => {
      const before = made
      await new Promise(resolve => setTimeout(resolve, 300))
      expect(made).toBe(before)
    }, 10_000)
    expect(made).toBeLessThan(200)
    const second = await fetch(url, mayRead)
    expect([second.status, second.headers.get('retry-after')]).toEqual([429, '5'])
    expect(refusedExport.mock.calls.map(([, reason]) => reason)).toEqual(['RATE_LIMITED'])
    response.destroy()
    await ended.promise
    await vi.waitFor(async () => {
      const again = new AbortController()
      const third = await fetch(url, { ...mayRead, signal: again.signal })
      again.abort()
      expect(third.status).toBe(200)
    })
  })
})

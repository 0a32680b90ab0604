import { describe, expect, it } from 'vitest'
import { postgres } from '../../../src/connectors/postgres/index.ts'
import { parseConfig } from '../../servers/postgres-run.ts'

const direct = parseConfig({ host: 'DB.Internal', auth: { password: { username: 'ann', password: 'pw' } } }) as never
const through = (sshTunnel: Record<string, unknown>): never =>
  parseConfig({
    host: 'DB.Internal',
    auth: { password: { username: 'ann', password: 'pw' } },
    sshTunnel: { username: 'tunnel', auth: { password: { password: 'ssh' } }, ...sshTunnel },
  }) as never
const ids = (config: never) => postgres.plan(config).map(step => step.id)
const behind = ['CONNECT', 'GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE']

describe('a PostgreSQL connector with an SSH tunnel', () => {
  it('has the steps of the tunnel first, and looks up nothing but the SSH server', () => {
    expect(ids(direct)).toEqual(['RESOLVE', 'EGRESS', ...behind])
    const tunnel = ['RESOLVE', 'EGRESS', 'CONNECT', 'TUNNEL']
    expect(ids(through({ host: 'Bastion.Example.' }))).toEqual([
      ...tunnel.map(key => `${key}:bastion.example:22`),
      ...behind,
    ])
    expect(ids(through({ host: '2001:DB8::1', port: 2222 }))).toEqual([
      ...tunnel.map(key => `${key}:[2001:db8::1]:2222`),
      ...behind,
    ])
  })

  it('tells which SSH server may be dialled, and whom a run signs in as', () => {
    const tunnelled = through({ host: 'Bastion.Example', port: 2222 })
    expect(postgres.tunnel?.(direct)).toBeNull()
    expect(postgres.tunnel?.(tunnelled)).toMatchObject({ host: 'Bastion.Example', port: 2222 })
    expect(postgres.accounts?.(direct)).toEqual([{ step: 'SIGN_IN', service: 'db.internal:5432', username: 'ann' }])
    expect(postgres.accounts?.(tunnelled)).toEqual([
      { step: 'TUNNEL', service: 'bastion.example:2222', username: 'tunnel' },
      // Not the same as the host of that name which can be reached without the tunnel.
      { step: 'SIGN_IN', service: 'db.internal:5432 via bastion.example:2222', username: 'ann' },
    ])
  })

  it('is the same service however its host and SSH server are spelt', () => {
    const spelt = (host: string, bastion: string) =>
      parseConfig({
        host,
        auth: { password: { username: 'ann', password: 'pw' } },
        sshTunnel: { host: bastion, username: 'tunnel', auth: { password: { password: 'ssh' } } },
      }) as never
    const usual = postgres.accounts?.(spelt('db.example.com', 'bastion.example.com'))
    expect(usual?.map(({ service }) => service)).toContain('db.example.com:5432 via bastion.example.com:22')
    expect(postgres.accounts?.(spelt('DB.example.com', 'bastion.example.com.'))).toEqual(usual)
    expect(postgres.accounts?.(spelt('db.example.com.', 'BASTION.example.com'))).toEqual(usual)
  })

  it('gives a preview the time that the way takes', () => {
    const steps = postgres.plan(through({ host: 'bastion' })).slice(0, -behind.length + 4)
    const way = steps.reduce((sum, { budgetMs }) => sum + budgetMs, 0)
    expect(postgres.queryBudgetMs(through({ host: 'bastion' }))).toBeGreaterThan(way + 60_000)
  })
})

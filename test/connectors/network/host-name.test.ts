import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalHost, hostIssue } from '../../../src/connectors/network/host-name.ts'

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
const hostName = fc
  .tuple(fc.array(label, { maxLength: 4 }), fc.stringMatching(/^[a-z]{2,10}$/))
  .map(([labels, last]) => [...labels, last].join('.'))

describe('hostIssue', () => {
  it('takes host names and addresses', () => {
    fc.assert(fc.property(fc.oneof(hostName, fc.ipV4(), fc.ipV6()), host => hostIssue(host) === null))
    for (const host of ['localhost', 'my_db', 'DB.Example.COM.', 'müller.example', '::ffff:10.0.0.1'])
      expect(hostIssue(host)).toBeNull()
  })

  it('refuses a host with anything before or behind it', () => {
    const extra = fc.constantFrom(' ', '/', '/path', ':5432', '?x', '#', '@', '\\', '%', '\0', '..', '\n')
    fc.assert(fc.property(hostName, extra, (host, more) => hostIssue(host + more) !== null))
    fc.assert(fc.property(hostName, extra, (host, more) => hostIssue(more + host) !== null))
  })

  it.each([
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '①②⑦.0.0.1',
    '127.0.0.1.',
    '256.1.1.1',
    '0',
    '[::1]',
    '[::1]:5432',
    'fe80::1%eth0',
    '1:2',
    '-a.example',
    `${'a'.repeat(64)}.example`,
    `${'a.'.repeat(127)}toolong`,
    '',
  ])('refuses %j', host => expect(hostIssue(host)).toEqual(expect.any(String)))

  it.each([
    ['postgres://db.example.com/x', 'scheme'],
    ['db.example.com:5432', 'the port has its own field'],
    ['[::1]:5432', 'the port has its own field'],
    ['ann@db.example.com', 'the user name has its own field'],
    ['/var/run/postgresql', 'socket files'],
    [' db.example.com', 'Remove the spaces'],
    ['db.example.com/sales', 'without a path'],
  ])('says how to mend %j', (host, words) => expect(hostIssue(host)).toContain(words))
})

describe('canonicalHost', () => {
  it('has one spelling for one host', () => {
    expect(canonicalHost('DB.Example.COM.')).toBe('db.example.com')
    expect(canonicalHost('Müller.example')).toBe('xn--mller-kva.example')
    expect(canonicalHost('FE80::1')).toBe('fe80::1')
  })
})

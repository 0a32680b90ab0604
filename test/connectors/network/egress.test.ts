import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EgressSettings } from '../../../src/connectors/define.ts'
import { EgressPolicy, parseEgressRule } from '../../../src/connectors/network/egress.ts'

const closed: EgressSettings = { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: false }
const policy = (settings: Partial<EgressSettings> = {}, own: readonly string[] = []) =>
  new EgressPolicy({ ...closed, ...settings }, [], own)
const wideOpen = policy({
  allowLoopback: true,
  allowPrivate: true,
  allow: ['0.0.0.0/0', '::/0', '169.254.169.254/32:80'],
})

const never = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.169.254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  '224.0.0.1',
  '255.255.255.255',
  '::',
  '::7f00:1',
  '::a00:1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2002:7f00:1::',
  '2001::1',
  '100::1',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  '5f00::1',
  'fd00:ec2::254',
  '::ffff:169.254.169.254',
  '::ffff:0.0.0.0',
  // Translated, tunnelled and obsolete: each stands for an IPv4 address.
  '64:ff9b::a9fe:a9fe',
  '::ffff:0:7f00:1',
  '::ffff:0:10.0.0.1',
  '2002:0a00:0005::1',
  '2001:0:7f00:1::',
  '::10.0.0.5',
  '100:0:0:1::1',
  '2001:20::1',
  '192.0.0.1',
  '192.88.99.1',
  '239.255.255.250',
  '255.255.255.254',
  // Metadata services of clouds, by every spelling.
  '169.254.170.2',
  '::ffff:a9fe:a9fe',
  '0:0:0:0:0:ffff:169.254.169.254',
  'fd00:ec2::23',
  'fd00:0ec2:0000::0254',
  'fd20:ce::254',
  'fd00:42::42',
  // With a zone: a link of this machine.
  'fe80::1%lo',
  '::1%lo',
  '1.1.1.1%1',
  // No address at all.
  '',
  'localhost',
  '0x7f.1',
  '2130706433',
  '127.1',
  '[::1]',
]
const inside = [
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '198.18.0.1',
  '203.0.113.9',
  'fd12::1',
  'fc00::1',
  '2001:db8::1',
  '::ffff:10.0.0.1',
]
const loopback = ['127.0.0.1', '127.255.255.254', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']
const outside = ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1']

describe('EgressPolicy', () => {
  it.each(never)('never allows %s, whatever the operator opens', address => {
    expect(policy().allows(address, 5432)).toBe(false)
    expect(wideOpen.allows(address, 5432)).toBe(false)
    expect(wideOpen.allows(address, 80)).toBe(false)
  })

  it.each(inside)('allows %s only where private ranges are open', address => {
    expect(policy().allows(address, 5432)).toBe(false)
    expect(policy({ allowLoopback: true }).allows(address, 5432)).toBe(false)
    expect(policy({ allowPrivate: true }).allows(address, 5432)).toBe(true)
  })

  it.each(loopback)('allows %s only where loopback is open', address => {
    expect(policy({ allowPrivate: true, allow: ['127.0.0.0/8', '::1/128'] }).allows(address, 5432)).toBe(false)
    expect(policy({ allowLoopback: true }).allows(address, 5432)).toBe(true)
  })

  it.each(outside)('allows %s by default', address => expect(policy().allows(address, 5432)).toBe(true))

  it('opens a range for one port or for all', () => {
    const opened = policy({ allow: ['10.20.0.0/16:5432', '[fd12::]/64:5433', 'fd13::/64'] })
    expect(opened.allows('10.20.3.4', 5432)).toBe(true)
    expect(opened.allows('::ffff:10.20.3.4', 5432)).toBe(true)
    expect(opened.allows('10.20.3.4', 5433)).toBe(false)
    expect(opened.allows('10.21.0.1', 5432)).toBe(false)
    expect(opened.allows('fd12::9', 5433)).toBe(true)
    expect(opened.allows('fd12::9', 5432)).toBe(false)
    expect(opened.allows('fd13::9', 1234)).toBe(true)
  })

  it('keeps the ports of mail, remote shells and secret stores shut unless they are named', () => {
    for (const port of [22, 25, 6379, 8200]) {
      expect(policy({ allowPrivate: true, allow: ['1.1.1.1/32'] }).allows('1.1.1.1', port)).toBe(false)
      expect(policy({ allow: [`1.1.1.1/32:${port}`] }).allows('1.1.1.1', port)).toBe(true)
    }
  })

  it('opens IPv6 to no IPv4 address that is written as one', () => {
    const opened = policy({ allow: ['::/0'] })
    expect(opened.allows('fd12::1', 5432)).toBe(true)
    expect(opened.allows('::ffff:10.0.0.1', 5432)).toBe(false)
  })

  it('never allows what Patchbay itself runs on', () => {
    const runsOn = ['1.1.1.1', '10.0.0.9', 'fd12::9']
    const open = { ...closed, allowLoopback: true, allowPrivate: true, allow: ['1.1.1.1/32:5432', '10.0.0.9/32'] }
    const some = new EgressPolicy(open, runsOn, [])
    for (const address of [...runsOn, '::ffff:1.1.1.1', '::ffff:a00:9']) expect(some.allows(address, 5432)).toBe(false)
    expect(some.allows('10.0.0.8', 5432)).toBe(true)
  })

  it('opens port 22 to the SSH server of a tunnel, in ranges that are open', () => {
    expect(policy().allows('1.1.1.1', 22)).toBe(false)
    expect(policy().allows('1.1.1.1', 22, 'TUNNEL')).toBe(true)
    expect(policy().allows('1.1.1.1', 25, 'TUNNEL')).toBe(false)
    expect(policy().allows('10.0.0.1', 22, 'TUNNEL')).toBe(false)
    expect(policy({ allow: ['10.0.0.0/8:5432'] }).allows('10.0.0.1', 22, 'TUNNEL')).toBe(false)
    expect(policy({ allow: ['10.0.0.0/8'] }).allows('10.0.0.1', 22, 'TUNNEL')).toBe(true)
    expect(policy({ allow: ['10.0.0.0/8:22'] }).allows('10.0.0.1', 22)).toBe(true)
  })

  it.each([22, 25, 465, 587, 2375, 2376, 2377, 2378, 2379, 2380, 6379, 6443, 8200, 10250, 11211])(
    'keeps port %d shut',
    port => expect(policy().allows('1.1.1.1', port)).toBe(false),
  )

  it("treats the machine's own addresses as loopback", () => {
    const own = ['203.0.114.7', 'fd77::7']
    for (const address of own) {
      expect(policy({ allowPrivate: true }, own).allows(address, 5432)).toBe(false)
      expect(policy({ allowLoopback: true }, own).allows(address, 5432)).toBe(true)
    }
  })

  it('decides alike for an address and its IPv4-mapped form', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.constantFrom(policy(), policy({ allowPrivate: true }), wideOpen), (address, some) => {
        return some.allows(address, 5432) === some.allows(`::ffff:${address}`, 5432)
      }),
    )
  })
})

describe('parseEgressRule', () => {
  it('reads ranges with and without a port', () => {
    expect(parseEgressRule('10.20.0.0/16')).toEqual({ cidr: '10.20.0.0/16', port: null })
    expect(parseEgressRule(' 10.20.0.1:5432 ')).toEqual({ cidr: '10.20.0.1/32', port: 5432 })
    expect(parseEgressRule('[2001:db8::]/32:5432')).toEqual({ cidr: '2001:db8::/32', port: 5432 })
    expect(parseEgressRule('2001:db8::/32')).toEqual({ cidr: '2001:db8::/32', port: null })
  })

  it.each([
    '',
    'db.example.com',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/8:0',
    '10.0.0.0/8:70000',
    '2001:db8::/129',
    '10.0.0.0/8:x',
    '*',
  ])('refuses %j, quoting it', text => {
    expect(() => parseEgressRule(text)).toThrow(`"${text}"`)
  })
})

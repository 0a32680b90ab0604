import { describe, expect, it } from 'vitest'
import { sshTunnelBlock } from '../../../src/connectors/blocks/ssh-tunnel.ts'
import { sshFingerprint } from '../../../src/connectors/network/ssh-fingerprint.ts'

const tunnel = { host: 'bastion', username: 'ann', auth: { password: { password: 'pw' } } }
const parse = (hostKeyFingerprint: string) => sshTunnelBlock.safeParse({ ...tunnel, hostKeyFingerprint })
// The host key of github.com, as its owner publishes it.
const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl', 'base64')
const canonical = 'SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU'
const base64 = canonical.slice('SHA256:'.length)

describe('the fingerprint of a host key', () => {
  it('is what ssh-keygen prints', () => {
    expect(sshFingerprint(key)).toBe(canonical)
  })

  it.each([
    ['as it is', canonical],
    ['without its prefix', base64],
    ['with padding', `${canonical}=`],
    ['without prefix, with padding', `${base64}=`],
    ['with another prefix', canonical.replace('SHA256', 'sha256')],
    ['with spaces around it', `  ${canonical}\n`],
    ['as ssh-keygen -l prints it', `256 ${canonical} root@bastion (ED25519)`],
    ['as ssh asks', `ED25519 key fingerprint is ${canonical}.`],
  ])('is kept in one spelling, given %s', (_, text) => {
    expect(parse(text).data?.hostKeyFingerprint).toBe(canonical)
    expect(parse(canonical).data?.hostKeyFingerprint).toBe(canonical)
  })

  it.each([
    ['MD5', 'MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48', 'MD5'],
    ['MD5 without prefix', '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48', 'MD5'],
    ['the key itself', `ssh-ed25519 ${key.toString('base64')}`, 'This is a key'],
    ['a line of known_hosts', `bastion ssh-ed25519 ${key.toString('base64')}`, 'This is a key'],
    ['half of it', canonical.slice(0, 30), 'Give the SHA-256 fingerprint'],
    ['one that cannot be', `${canonical.slice(0, -1)}V`, 'Give the SHA-256 fingerprint'],
    ['nothing', '', 'Give the SHA-256 fingerprint'],
  ])('is refused as %s', (_, text, words) => {
    expect(parse(text).error?.issues).toEqual([
      expect.objectContaining({ path: ['hostKeyFingerprint'], message: expect.stringContaining(words) }),
    ])
  })
})

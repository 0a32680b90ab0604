import type { KeyObject } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { passphraseIsWrong } from './private-key.ts'
import { openPem, sshKeyFormat, sshKeyIssue, unreadable } from './ssh-key.ts'
import { sshString } from './ssh-wire.ts'

/** A private key to sign in with; a string says why it cannot be had. For the connector host: opening one may take long. */
export function readSigningKey(pem: string, passphrase: string | undefined): ParsedKey | string {
  // The form has checked it too, but what is stored may be older than its checks.
  const issue = sshKeyIssue(pem)
  if (issue !== null) return issue
  let text = pem
  let secret = passphrase
  if (sshKeyFormat(pem) === 'PEM') {
    const key = openPem(pem, passphrase)
    if (typeof key === 'string') return key
    text = plainText(key)
    secret = undefined
  }
  const parsed = parse(text.trim(), secret)
  if (!parsed) return passphrase === undefined ? unreadable : passphraseIsWrong
  return signsForItself(parsed) ? parsed : unreadable
}

/** Null when it cannot be read. */
function parse(text: string, passphrase: string | undefined): ParsedKey | null {
  try {
    const parsed = ssh2.utils.parseKey(text, passphrase)
    return parsed instanceof Error ? null : parsed
  } catch {
    // Numbers that no key has.
    return null
  }
}

/** Whether the key's public half takes what its private half signs: else the server would get the blame for a damaged key. */
function signsForItself(key: ParsedKey): boolean {
  const data = Buffer.from('patchbay')
  const hash = key.type === 'ssh-rsa' ? 'sha256' : undefined
  const signature = key.sign(data, hash) as Buffer | Error
  return !(signature instanceof Error) && key.verify(data, signature, hash) === true
}

/** In a format that ssh2 reads: it knows no PKCS #8. */
function plainText(key: KeyObject): string {
  if (key.asymmetricKeyType === 'rsa') return key.export({ type: 'pkcs1', format: 'pem' }).toString()
  if (key.asymmetricKeyType === 'ec') return key.export({ type: 'sec1', format: 'pem' }).toString()
  return ed25519Text(key)
}

/** OpenSSH's PROTOCOL.key, unencrypted: the only text format of an Ed25519 key that ssh2 knows. */
function ed25519Text(key: KeyObject): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const publicKey = Buffer.from(x, 'base64url')
  const type = sshString('ssh-ed25519')
  const check = Buffer.alloc(8)
  const secret = sshString(Buffer.concat([Buffer.from(d, 'base64url'), publicKey]))
  const plain = Buffer.concat([check, type, sshString(publicKey), secret, sshString('')])
  // Filled up with 1, 2, 3 ... to a whole block.
  const padding = Buffer.from(Array.from({ length: (8 - (plain.length % 8)) % 8 }, (_, index) => index + 1))
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    sshString('none'),
    sshString('none'),
    sshString(''),
    Buffer.from([0, 0, 0, 1]),
    sshString(Buffer.concat([type, sshString(publicKey)])),
    sshString(Buffer.concat([plain, padding])),
  ])
  const lines = body.toString('base64').match(/.{1,70}/g) ?? []
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
}

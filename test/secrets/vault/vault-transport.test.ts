import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { VaultSettings } from '../../../src/secrets/vault/settings.ts'
import { openVaultClient, type VaultClient, type VaultClientOptions } from '../../../src/secrets/vault/vault-client.ts'
import { marker, plainSecret } from '../../canary/secrets.ts'
import { type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { answers, rawVault, readRequest, reply, scriptedVault, settingsOf, shortLimits } from './scripted-vault.ts'

const directory = mkdtempSync(join(tmpdir(), 'patchbay-vault-transport-'))
afterAll(() => rmSync(directory, { recursive: true }))
const fileOf = (name: string, text: string): string => {
  const file = join(directory, name)
  writeFileSync(file, text)
  return file
}

const clients: VaultClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})
async function open(
  address: string,
  changes: Partial<VaultSettings> = {},
  options: VaultClientOptions = {},
): Promise<VaultClient> {
  const client = await openVaultClient(settingsOf(address, changes), options)
  clients.push(client)
  return client
}
const fault = (name: string) => expect.objectContaining({ name: 'SecretStoreError', store: 'VAULT', fault: name })
const found = { data: { data: { password: 'x' } } }

describe('a server that', () => {
  const head = (length: number) =>
    `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`
  const every = (ms: number, socket: Socket, text: string) => {
    const timer = setInterval(() => socket.write(text), ms)
    socket.on('close', () => clearInterval(timer))
  }
  const flood = (socket: Socket, piece: string) => {
    const more = () => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', more)
    more()
  }
  const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`

  test.each([
    ['says nothing', () => undefined, 'TIMED_OUT', 1],
    ['stops in its headers', socket => socket.write('HTTP/1.1 200 OK\r\ncontent-'), 'TIMED_OUT', 1],
    ['stops in the body', socket => socket.write(`${head(20)}{"da`), 'TIMED_OUT', 1],
    [
      'drips headers',
      socket => every(50, socket.write('HTTP/1.1 200 OK\r\n') ? socket : socket, 'a: b\r\n'),
      'TIMED_OUT',
      1,
    ],
    ['drips a body', socket => every(50, socket.write(head(9_999)) ? socket : socket, ' '), 'TIMED_OUT', 1],
    [
      'never ends its body',
      socket => {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
        flood(socket, chunk(' '.repeat(65_536)))
      },
      'FAILED',
      1,
    ],
    ['announces more than is read', socket => socket.write(head(2_000_000) + ' '.repeat(1_100_000)), 'FAILED', 1],
    ['never ends its headers', socket => flood(socket, `HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(9_000)}`), 'FAILED', 1],
    ['sends less than it says', socket => socket.end(`${head(500)}{}`), 'FAILED or UNREACHABLE', 2],
    ['speaks another protocol', socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'FAILED', 1],
    ['hangs up without a word', socket => socket.end(), 'UNREACHABLE', 2],
    ['resets the connection', socket => socket.resetAndDestroy(), 'UNREACHABLE', 2],
    [
      'packs its answer',
      socket => socket.write(head(2).replace('content-type', 'content-encoding: gzip\r\ncontent-type').concat('{}')),
      'FAILED',
      1,
    ],
    [
      'says that its JSON is text',
      socket => socket.write(head(2).replace('application/json', 'text/plain').concat('{}')),
      null,
      1,
    ],
    [
      'answers in pieces',
      socket =>
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunk('{')}${chunk('}')}0\r\n\r\n`),
      null,
      1,
    ],
  ] as readonly [string, (socket: Socket) => unknown, string | null, number][])(
    '%s comes to its end',
    async (_, answer, name, most) => {
      await using vault = await rawVault(answer)
      const limits = name === 'TIMED_OUT' ? shortLimits : {}
      const asked = (await open(vault.address, {}, { limits })).send(readRequest())
      if (name === null) expect(await asked).toEqual({ status: 200, body: {} })
      else {
        const error: { fault?: string } = await asked.catch(reason => reason)
        expect(error).toMatchObject({ name: 'SecretStoreError' })
        expect(name.split(' or ')).toContain(error.fault)
      }
      expect(vault.requests.length).toBeLessThanOrEqual(most)
    },
  )

  test('is not there cannot be reached', async () => {
    const vault = await scriptedVault(answers(200, found))
    await vault[Symbol.asyncDispose]()
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
  })

  test('has no address cannot be reached', async () => {
    const client = await open('http://vault.invalid:8200')
    await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
  })

  test('closes an idle connection just now is asked once more, if that does no harm', async () => {
    let isFirst = true
    await using vault = await rawVault(socket => {
      if (isFirst) socket.resetAndDestroy()
      else socket.write(`${head(2)}{}`)
      isFirst = false
    })
    const client = await open(vault.address)
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    isFirst = true
    await expect(client.send(readRequest({ repeatable: false }))).rejects.toEqual(fault('UNREACHABLE'))
  })

  test('gives a long answer is read to its end, within the limit', async () => {
    const text = 'x'.repeat(1_048_576 - 8)
    await using vault = await scriptedVault(answers(200, { a: text }))
    expect(await (await open(vault.address)).send(readRequest())).toEqual({ status: 200, body: { a: text } })
  })

  test('lists many names is read to the end', async () => {
    const keys = Array.from({ length: 100_000 }, () => `${crypto.randomUUID()}/`)
    await using vault = await scriptedVault(answers(200, { data: { keys } }))
    const client = await open(vault.address)
    expect(await client.send(readRequest({ method: 'LIST', path: 'secret/metadata/x/' }))).toMatchObject({
      body: { data: { keys: expect.objectContaining({ length: 100_000 }) } },
    })
    await expect(client.send(readRequest())).rejects.toEqual(fault('FAILED'))
  })
})

describe('encryption', () => {
  const authority = issueCertificate({ commonName: 'Vault Root', authority: true })
  const stranger = issueCertificate({ commonName: 'Vault Root', authority: true })
  const between = issueCertificate({ commonName: 'Vault Issuing', issuer: authority, authority: true })
  const caFile = fileOf('authority.pem', authority.certificate)
  const issue = (changes: Partial<CertificateOptions> = {}) =>
    issueCertificate({ commonName: 'vault', issuer: authority, names: ['127.0.0.1'], usage: 'server', ...changes })
  const tlsOf = ({ key, certificate }: ReturnType<typeof issue>) => ({ key, cert: certificate })

  test('with a certificate of the file of authorities is taken', async () => {
    await using vault = await scriptedVault(answers(200, found), { tls: tlsOf(issue()) })
    expect(await (await open(vault.address, { caFile })).send(readRequest())).toMatchObject({ status: 200 })
  })

  test('with a chain, and a file of several authorities, is taken', async () => {
    const { key, certificate } = issue({ issuer: between })
    const tls = { key, cert: `${certificate}${between.certificate}` }
    const several = fileOf(
      'several.pem',
      `# Ours\n${issueCertificate({ commonName: 'Other Root', authority: true }).certificate}\n# Theirs\r\n${authority.certificate}`,
    )
    await using vault = await scriptedVault(answers(200, found), { tls })
    expect(await (await open(vault.address, { caFile: several })).send(readRequest())).toMatchObject({ status: 200 })
  })

  test.each([
    ['of another authority', { issuer: stranger }],
    ['for another name', { names: ['vault.internal'] }],
    ['that has expired', { validFrom: daysFromNow(-2), validTo: daysFromNow(-1) }],
    ['for clients', { usage: 'client' }],
    ['without an authority', { commonName: '127.0.0.1', self: true }],
  ] as readonly [string, Partial<CertificateOptions> & { self?: true }][])(
    'with a certificate %s is refused before anything is sent, whatever the environment says',
    async (_, { self, ...changes }) => {
      vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
      vi.stubEnv('VAULT_SKIP_VERIFY', 'true')
      try {
        const certificate = self ? issueCertificate({ names: ['127.0.0.1'], commonName: 'x' }) : issue(changes)
        await using vault = await scriptedVault(answers(200, found), { tls: tlsOf(certificate) })
        const client = await open(vault.address, { caFile })
        await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
        await expect(client.check()).rejects.toEqual(fault('UNREACHABLE'))
        expect(vault.requests).toEqual([])
      } finally {
        vi.unstubAllEnvs()
      }
    },
  )

  test('with a certificate of its own is refused where only the well-known authorities count', async () => {
    await using vault = await scriptedVault(answers(200, found), { tls: tlsOf(issue()) })
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
    expect(vault.requests).toEqual([])
  })

  test('of an age that is not safe any more is refused', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const server = createTlsServer({ ...tlsOf(issue()), ...old }).on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    try {
      const client = await open(`https://127.0.0.1:${port}`, { caFile })
      await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
    } finally {
      server.close()
    }
  })

  test('that is never begun by the other side is given up', async () => {
    await using vault = await rawVault(() => undefined)
    const client = await open(vault.address.replace('http:', 'https:'), { caFile }, { limits: shortLimits })
    await expect(client.send(readRequest())).rejects.toEqual(fault('TIMED_OUT'))
  })

  test('is not left on the way to another server', async () => {
    await using plain = await scriptedVault(answers(200, found))
    await using vault = await scriptedVault(
      (response, { path }) => reply(response, 307, undefined, { location: `${plain.address}${path}` }),
      { tls: tlsOf(issue()) },
    )
    const client = await open(vault.address, { caFile, clusterAddresses: [vault.address, plain.address] })
    await expect(client.send(readRequest())).rejects.toEqual(fault('NOT_ACTIVE'))
    expect(plain.connections).toBe(0)
  })

  test.each([
    ['is not there', () => join(directory, 'nothing.pem'), 'which cannot be read (ENOENT)'],
    ['is a folder', () => directory, 'which cannot be read (EISDIR)'],
    ['is empty', () => fileOf('empty.pem', ''), 'which holds no certificates (PEM)'],
    ['holds a key', () => fileOf('key.pem', authority.key), 'which holds no certificates (PEM)'],
    [
      'is damaged',
      () => fileOf('damaged.pem', authority.certificate + stranger.certificate.replace(/\n.{20}/, '\nAAAA')),
      'whose certificate 2 cannot be read',
    ],
  ])('by a file that %s is refused at the start, in words for the operator', async (_, file, words) => {
    await expect(open('https://127.0.0.1:1', { caFile: file() })).rejects.toMatchObject({
      name: 'SecretStoresError',
      message: `VAULT_CACERT is "${file()}", ${words}.`,
    })
  })

  test('uses the file as it is when the client is opened', async () => {
    const file = fileOf('changing.pem', stranger.certificate)
    await using vault = await scriptedVault(answers(200, found), { tls: tlsOf(issue()) })
    await expect((await open(vault.address, { caFile: file })).send(readRequest())).rejects.toEqual(
      fault('UNREACHABLE'),
    )
    fileOf('changing.pem', authority.certificate)
    expect(await (await open(vault.address, { caFile: file })).send(readRequest())).toMatchObject({ status: 200 })
  })
})

describe('the environment', () => {
  const canary = plainSecret()
  const variables = (proxy: string): Record<string, string> => ({
    VAULT_TOKEN: canary,
    VAULT_ADDR: proxy,
    VAULT_NAMESPACE: canary,
    VAULT_PREFIX: `/${canary}`,
    VAULT_SKIP_VERIFY: 'true',
    VAULT_CACERT: canary,
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    ALL_PROXY: proxy,
    NODE_USE_ENV_PROXY: '1',
  })

  describe('of this process', () => {
    beforeEach(() => {
      vi.unstubAllEnvs()
    })
    afterEach(() => {
      vi.unstubAllEnvs()
    })

    test('sends nothing along and leads nowhere else', async () => {
      await using elsewhere = await scriptedVault(answers(200, found))
      await using vault = await scriptedVault(answers(200, found))
      for (const [name, value] of Object.entries(variables(elsewhere.address))) vi.stubEnv(name, value)
      const client = await open(vault.address)
      await client.send(readRequest({ token: null }))
      await client.send(readRequest({ token: 'a-token' }))
      expect(vault.requests.map(({ path }) => path)).toEqual(['/v1/secret/data/thing', '/v1/secret/data/thing'])
      expect(JSON.stringify(vault.requests)).not.toContain(marker)
      expect(vault.requests[0]?.headers).not.toHaveProperty('x-vault-token')
      expect(elsewhere.connections).toBe(0)
    })
  })

  test('of a process that is being debugged prints no secret, and node-vault is loaded only with its store', async () => {
    const value = plainSecret()
    await using vault = await scriptedVault(answers(200, { data: { value } }))
    const source = join(import.meta.dirname, '..', '..', '..', 'src')
    const program = `
      import { createRequire } from 'node:module'
      const loaded = () => Object.keys(createRequire(${JSON.stringify(import.meta.url)}).cache).some(file => /node_modules.(node-vault|axios)/.test(file))
      await import(${JSON.stringify(join(source, 'app.ts'))})
      const before = loaded()
      const { openVaultClient } = await import(${JSON.stringify(join(source, 'secrets/vault/vault-client.ts'))})
      const client = await openVaultClient(${JSON.stringify(settingsOf(vault.address))})
      const { status } = await client.send({ method: 'POST', path: 'secret/data/thing', namespace: null,
        token: ${JSON.stringify(canary)}, body: { data: { value: ${JSON.stringify(value)} } }, repeatable: true })
      await client.close()
      console.log(JSON.stringify({ before, after: loaded(), status }))`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { PATH: process.env['PATH'], DEBUG: '*', NODE_DEBUG: 'http,https,undici' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text))
    await once(child, 'close')
    expect(output).toContain('{"before":false,"after":true,"status":200}')
    expect(output).not.toContain(marker)
    expect(vault.requests[0]?.body).toContain(value)
    expect(vault.requests[0]?.headers['x-vault-token']).toBe(canary)
  })
})

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../servers/postgres.ts'
import { fingerprintOf, makeHostKey } from '../servers/ssh-server.ts'

export const sshdProgram = '/usr/sbin/sshd'

/** An account of the system, which sshd asks for passwords. It has no home and no shell, and is gone in the end. */
export class SystemAccount implements AsyncDisposable {
  readonly username: string
  readonly password: string

  private constructor(username: string, password: string) {
    this.username = username
    this.password = password
  }

  static create(): SystemAccount {
    const account = new SystemAccount(`patchbay-${randomBytes(3).toString('hex')}`, randomBytes(9).toString('hex'))
    run('useradd', ['--no-create-home', '--no-user-group', '--shell', '/usr/sbin/nologin', account.username])
    run('chpasswd', [], `${account.username}:${account.password}\n`)
    return account
  }

  async [Symbol.asyncDispose](): Promise<void> {
    run('userdel', [this.username])
  }
}

function run(program: string, args: readonly string[], input?: string): void {
  const { status, stderr, error } = spawnSync(program, args, { input, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`)
}

export interface SshdOptions {
  /** Lines of sshd_config in place of ours, which let in by password and key and forward everywhere. */
  readonly settings?: Readonly<Record<string, string>>
  /** In OpenSSH's one-line format, with options if there are any. */
  readonly authorizedKeys?: readonly string[]
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[]
}

/** A real OpenSSH server of its own on loopback. */
export class Sshd implements AsyncDisposable {
  readonly port: number
  /** Of its host keys, in the order of the options. */
  readonly fingerprints: readonly string[]
  readonly #directory: string
  readonly #process: ChildProcess
  #log = ''

  private constructor(port: number, fingerprints: readonly string[], directory: string, child: ChildProcess) {
    this.port = port
    this.fingerprints = fingerprints
    this.#directory = directory
    this.#process = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
  }

  static async start({ settings = {}, authorizedKeys = [], hostKeys = ['ed25519'] }: SshdOptions = {}): Promise<Sshd> {
    // Of the process that looks at what clients send before they have signed in.
    await mkdir('/run/sshd', { recursive: true, mode: 0o755 })
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-sshd-'))
    // sshd reads the authorized keys as the account itself.
    await chmod(directory, 0o711)
    const port = await freePort()
    const keys = hostKeys.map(type => makeHostKey(type))
    const keyFiles = keys.map((_, index) => join(directory, `host-key-${index}`))
    await Promise.all(keys.map((key, index) => writeFile(keyFiles[index] ?? '', key, { mode: 0o600 })))
    const authorized = join(directory, 'authorized_keys')
    await writeFile(authorized, authorizedKeys.map(line => `${line}\n`).join(''), { mode: 0o644 })
    const lines = Object.entries({
      ListenAddress: '127.0.0.1',
      Port: String(port),
      PidFile: 'none',
      StrictModes: 'no',
      UsePAM: 'no',
      AuthorizedKeysFile: authorized,
      PasswordAuthentication: 'yes',
      KbdInteractiveAuthentication: 'no',
      PermitTTY: 'no',
      LogLevel: 'VERBOSE',
      UseDNS: 'no',
      ...settings,
    }).map(([name, value]) => `${name} ${value}\n`)
    const config = join(directory, 'sshd_config')
    await writeFile(config, keyFiles.map(file => `HostKey ${file}\n`).join('') + lines.join(''))
    const child = spawn(sshdProgram, ['-D', '-e', '-f', config], {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const sshd = new Sshd(port, keys.map(fingerprintOf), directory, child)
    await sshd.untilLogged('Server listening')
    return sshd
  }

  get log(): string {
    return this.#log
  }

  /** Sign-ins that the server has judged, by its own log; those that leave another factor to ask for are `Partial`. */
  get attempts(): readonly string[] {
    return [...this.#log.matchAll(/^(Accepted|Partial|Failed) (\S+) for/gm)].map(
      ([, verdict, method]) => `${verdict} ${method}`,
    )
  }

  /** Rejects when the server ends before. */
  async untilLogged(words: string): Promise<void> {
    const ended = new AbortController()
    this.#process.once('exit', () => ended.abort(new Error(`sshd ended: ${this.#log}`)))
    while (!this.#log.includes(words))
      await once(this.#process.stderr as NodeJS.ReadableStream, 'data', { signal: ended.signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGTERM')
      await once(this.#process, 'exit')
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}

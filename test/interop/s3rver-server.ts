import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { linkSync, mkdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { s3rverHome } from './s3rver-install.ts'

/** s3rver takes every signature of whoever names a key that it knows. */
export const s3rverKey = { accessKeyId: 'AKIAOFS3RVER00000000', secretAccessKey: 'of-s3rver' }

/** More names than this no file of this machine may have. */
const maxNames = 20_000

export interface S3rverRequest {
  /** `GET /bucket/key` */
  readonly target: string
  /** `bytes=0-4095` */
  readonly range: string | null
}

/** A server of its own on loopback that keeps objects in files, and streams them from there. */
export class S3rverServer implements AsyncDisposable {
  readonly url: string
  readonly #requests: readonly S3rverRequest[]
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(url: string, requests: readonly S3rverRequest[], directory: string, child: ChildProcess) {
    this.url = url
    this.#requests = requests
    this.#directory = directory
    this.#process = child
  }

  static async start(): Promise<S3rverServer> {
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-s3rver-'))
    const { accessKeyId, secretAccessKey } = s3rverKey
    const script = join(import.meta.dirname, 's3rver-process.ts')
    const child = spawn(
      process.execPath,
      // It makes the tokens for the next page of a list by a cipher that is long out of fashion.
      ['--openssl-legacy-provider', '--no-warnings', script, s3rverHome, directory, accessKeyId, secretAccessKey],
      { env: {}, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
    )
    const requests: S3rverRequest[] = []
    const listening = Promise.withResolvers<number>()
    // As `s3rver-process.ts` sends them.
    child.on('message', (message: { readonly port: number } | { readonly request: S3rverRequest } | object) => {
      if ('port' in message) listening.resolve(message.port)
      else if ('request' in message) requests.push(message.request)
    })
    child.once('exit', code => listening.reject(new Error(`s3rver exited with ${code}.`)))
    return new S3rverServer(`http://127.0.0.1:${await listening.promise}`, requests, directory, child)
  }

  /** All that it has been asked so far. It tells of requests by another way than it answers them. */
  async asked(): Promise<readonly S3rverRequest[]> {
    const told = Promise.withResolvers<void>()
    const listener = (message: object) => {
      if ('told' in message) told.resolve()
    }
    this.#process.on('message', listener).send({})
    await told.promise
    this.#process.off('message', listener)
    return [...this.#requests]
  }

  /** Also right for one that is there already. */
  async addBucket(name: string): Promise<void> {
    await mkdir(join(this.#directory, name), { recursive: true })
  }

  /** Puts an object there behind the server's back, which is much faster than asking it to. `write`: makes the file. */
  async put(bucket: string, key: string, write: (file: string) => Promise<unknown>): Promise<void> {
    const file = this.#fileOf(bucket, key)
    await mkdir(dirname(file), { recursive: true })
    await write(file)
    // Else it would read the whole object to make one.
    await writeFile(sumOf(file), '0'.repeat(32))
  }

  /** Puts objects there that all have the same content. */
  async putMany(bucket: string, keys: readonly string[], content: string): Promise<void> {
    for (let at = 0; at < keys.length; at += maxNames) {
      const [first = '', ...others] = keys.slice(at, at + maxNames)
      await this.put(bucket, first, file => writeFile(file, content))
      const file = this.#fileOf(bucket, first)
      for (const key of others) {
        const other = this.#fileOf(bucket, key)
        mkdirSync(dirname(other), { recursive: true })
        linkSync(file, other)
        linkSync(sumOf(file), sumOf(other))
      }
    }
  }

  #fileOf(bucket: string, key: string): string {
    return join(this.#directory, bucket, `${key}._S3rver_object`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
    await rm(this.#directory, { recursive: true, force: true })
  }
}

const sumOf = (file: string): string => `${file}.md5`

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { datasettePython } from './datasette-install.ts'

/** Orders with their numbers from 1, of which one is beyond what a double holds. */
const fill = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute('create table orders (id integer primary key, item text, amount integer)')
db.executemany('insert into orders values (?, ?, ?)', [(n, 'lamp %d' % n, 9007199254740993 if n == 1 else n) for n in range(1, int(sys.argv[2]) + 1)])
db.commit()
`

/** A Datasette on loopback that lets in whoever has its token. */
export class DatasetteServer implements AsyncDisposable {
  readonly url: string
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(url: string, directory: string, child: ChildProcess) {
    this.url = url
    this.#directory = directory
    this.#process = child
  }

  static async start(orderCount: number, token: string): Promise<DatasetteServer> {
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-datasette-'))
    const database = join(directory, 'shop.db')
    const env = { HOME: directory, PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8' }
    await promisify(execFile)(datasettePython, ['-c', fill, database, String(orderCount)], { env })
    const metadata = join(directory, 'metadata.json')
    const tokens = [{ token, actor: { id: 'patchbay' } }]
    await writeFile(
      metadata,
      JSON.stringify({ allow: { id: 'patchbay' }, plugins: { 'datasette-auth-tokens': { tokens } } }),
    )
    const options = ['--host', '127.0.0.1', '--port', '0', '--metadata', metadata]
    const child = spawn(datasettePython, ['-m', 'datasette', 'serve', database, ...options], {
      cwd: directory,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    for await (const line of createInterface(child.stderr)) {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (url === undefined) continue
      child.stderr.resume()
      return new DatasetteServer(url, directory, child)
    }
    throw new Error('Datasette has not started.')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
    await rm(this.#directory, { recursive: true, force: true })
  }
}

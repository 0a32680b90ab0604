import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../servers/postgres.ts'
import { bigqueryEmulatorProgram } from './bigquery-emulator-install.ts'

/**
 * goccy's BigQuery emulator, of its own on loopback: BigQuery's REST API and its SQL, analysed by Google's own analyser and
 * run by SQLite. It has no accounts and no rights: whoever asks is answered.
 */
export class BigqueryEmulator implements AsyncDisposable {
  readonly projectId: string
  readonly port: number
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(projectId: string, port: number, child: ChildProcess, directory: string) {
    this.projectId = projectId
    this.port = port
    this.#process = child
    this.#directory = directory
  }

  /** `datasets`: names of those that it has from the beginning. */
  static async start(projectId: string, datasets: readonly string[] = []): Promise<BigqueryEmulator> {
    const port = await freePort()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-bigquery-'))
    const child = spawn(
      bigqueryEmulatorProgram,
      [
        `--project=${projectId}`,
        // It would listen on every address of the machine.
        '--host=127.0.0.1',
        `--port=${port}`,
        `--grpc-port=${await freePort()}`,
      ],
      { cwd: directory, env: { HOME: directory, TMPDIR: directory }, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    await untilListening(child)
    const emulator = new BigqueryEmulator(projectId, port, child, directory)
    for (const datasetId of datasets) await emulator.#call('datasets', { datasetReference: { projectId, datasetId } })
    return emulator
  }

  /** For the setting `CLOUD_ENDPOINTS`, and for runs: where whoever asks for BigQuery finds it. It knows no TLS. */
  get endpoints(): Readonly<Record<string, string>> {
    return { 'bigquery.googleapis.com': `http://127.0.0.1:${this.port}` }
  }

  /** Runs one statement. Throws with what the emulator says against it. */
  async sql(query: string): Promise<void> {
    await this.#call('queries', { query, useLegacySql: false })
  }

  async #call(path: string, body: object): Promise<void> {
    const url = `http://127.0.0.1:${this.port}/bigquery/v2/projects/${this.projectId}/${path}`
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(await answer.text())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await once(this.#process, 'exit')
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function untilListening(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-20_000)
      if (log.includes('REST server listening')) resolve()
    })
  }
  child.once('error', reject)
  child.once('exit', code => reject(new Error(`bigquery-emulator exited with ${code}: ${log}`)))
  return promise
}

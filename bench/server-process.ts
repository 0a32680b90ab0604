import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../test/servers/postgres.ts'

const startBudgetMs = 30_000

/** A server in a process of its own, so that it shares no event loop with who measures it. */
export class ServerProcess {
  readonly url: string
  readonly port: number
  /** From spawn to the end of its first answer. */
  readonly firstAnswerMs: number
  readonly #child: ChildProcess

  private constructor(port: number, firstAnswerMs: number, child: ChildProcess) {
    this.port = port
    this.url = `http://127.0.0.1:${port}/graphql`
    this.firstAnswerMs = firstAnswerMs
    this.#child = child
  }

  /** Runs a program that listens on `PORT` and waits until it has answered `{ __typename }`. */
  static async start(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const port = await freePort()
    const startedAt = performance.now()
    const child = spawn(process.execPath, args, {
      env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let log = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000)
    })
    while (!(await accepts(port))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} exited with ${child.exitCode}: ${log}`)
      if (performance.now() - startedAt > startBudgetMs) throw new Error(`${args.join(' ')} does not listen: ${log}`)
      await delay(2)
    }
    await post(port, '{"query":"{ __typename }"}')
    return new ServerProcess(port, performance.now() - startedAt, child)
  }

  /** Resident memory in MB, of the process and apart from it of its children. */
  async residentMegabytes(): Promise<{ own: number; children: number }> {
    const pid = this.#child.pid ?? 0
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter(Boolean)
    const sizes = await Promise.all(children.map(child => residentOf(Number(child))))
    return { own: await residentOf(pid), children: sizes.reduce((sum, size) => sum + size, 0) }
  }

  /** Processor time that the process has used so far, in milliseconds (to 10 ms). */
  async cpuMs(): Promise<number> {
    const [, fields = ''] = (await readFile(`/proc/${this.#child.pid}/stat`, 'utf8')).split(') ')
    // `proc_pid_stat(5)`: utime and stime, in ticks of 10 ms.
    return fields
      .split(' ')
      .slice(11, 13)
      .map(Number)
      .reduce((sum, ticks) => sum + ticks * 10, 0)
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGTERM')
    const killer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000)
    await once(this.#child, 'exit')
    clearTimeout(killer)
  }
}

/** Posts a JSON body to `/graphql` and answers the body; throws unless the status is 200. */
export async function post(port: number, body: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const sent = request(
    { host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers, agent: false },
    response => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`Answered ${response.statusCode}: ${text.slice(0, 500)}`))
      })
    },
  )
  sent.on('error', reject)
  sent.end(body)
  return promise
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect(port, '127.0.0.1')
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}

async function residentOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

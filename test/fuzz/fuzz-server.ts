import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FuzzProcessMessage } from './fuzz-process.ts'

type MessageOf<Kind> = Extract<FuzzProcessMessage, { readonly kind: Kind }>

/** The server of `fuzz-process.ts`. */
export class FuzzServer {
  readonly url: string
  /** Ids and names of what is there, with others that mean something. */
  readonly texts: readonly string[]
  readonly #process: ChildProcess
  /** Rejects when it ends before it was asked to. */
  readonly died: Promise<never>

  private constructor(child: ChildProcess, died: Promise<never>, { url, texts }: MessageOf<'READY'>) {
    this.url = url
    this.texts = texts
    this.#process = child
    this.died = died
  }

  static async start(): Promise<FuzzServer> {
    const script = fileURLToPath(new URL('fuzz-process.ts', import.meta.url))
    const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'ignore', 'pipe', 'ipc']
    const child = fork(script, { execArgv: ['--expose-gc'], stdio })
    let words = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words += text
    })
    const died = once(child, 'exit').then(([code]) => {
      throw new Error(`The server ended with ${code}: ${words.slice(0, 4_000)}`)
    })
    // Whoever waits for an answer is told.
    died.catch(() => undefined)
    const [ready] = (await Promise.race([once(child, 'message'), died])) as [MessageOf<'READY'>]
    return new FuzzServer(child, died, ready)
  }

  async state(): Promise<MessageOf<'STATE'>> {
    const answer = once(this.#process, 'message')
    this.#process.send('state')
    const [state] = (await Promise.race([answer, this.died])) as [MessageOf<'STATE'>]
    return state
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.send('end')
    await ended
  }
}

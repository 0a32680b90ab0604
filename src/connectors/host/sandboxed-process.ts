import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { childFlags } from './child-flags.ts'
import { encodeFrame, FrameReader } from './frames.ts'
import { diesWithParent } from './parent-death.ts'
import { parseChildMessage } from './parse-child-message.ts'
import { yieldToOthers } from './process-priority.ts'
import { type ChildMessage, channelFd, type ParentMessage } from './protocol.ts'
import { readInPlace } from './read-in-place.ts'
import { StderrTail } from './stderr-tail.ts'

export interface SandboxedProcessOptions {
  readonly entry: URL
  readonly readRoots: readonly string[]
  /** Answers whether the message was one that may come now. */
  readonly onMessage: (message: ChildMessage) => boolean
  /** The process sent something that is no message, or none that may come now. Nothing of it is read any more. */
  readonly onBreach: () => void
}

/** A child process in its sandbox, and the parent's end of the channel to it. */
export class SandboxedProcess {
  /** Settles when the process has ended and everything that it said has been read. */
  readonly gone: Promise<void>
  readonly #options: SandboxedProcessOptions
  readonly #process: ChildProcess
  readonly #channel: Socket
  readonly #stderr: StderrTail
  readonly #reader: FrameReader
  #listening = true

  constructor(options: SandboxedProcessOptions, maxMessageBytes: number) {
    this.#options = options
    this.#reader = new FrameReader(maxMessageBytes)
    const node = [process.execPath, ...childFlags(options.readRoots), fileURLToPath(options.entry)]
    const [program = process.execPath, ...args] = [...diesWithParent(), ...node]
    this.#process = spawn(program, args, {
      cwd: '/',
      env: {},
      // Drivers may print data: standard output goes nowhere, standard error no further than `StderrTail`.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    if (this.#process.pid !== undefined) yieldToOthers(this.#process.pid)
    // Both were asked for in `stdio`.
    this.#channel = readInPlace(this.#process.stdio[channelFd] as Socket, chunk => this.#receive(chunk))
    this.#stderr = new StderrTail(this.#process.stderr as Readable)
    // What could not be written to a process that has ended is of no interest; its end shows in `gone`.
    this.#channel.on('error', () => {})
    this.gone = new Promise(resolve => {
      this.#process.once('close', () => resolve())
      this.#process.on('error', () => {
        if (this.#process.pid === undefined) resolve()
      })
    })
  }

  /** Undefined when the process could not be made. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Class and code of the error that ended the process, as far as it is known. */
  get errorKind(): string | null {
    return this.#stderr.errorKind
  }

  set maxMessageBytes(bytes: number) {
    this.#reader.maxBytes = bytes
  }

  send(message: ParentMessage): void {
    this.#channel.write(encodeFrame(message))
  }

  /** Takes back the memory of a message: nobody may use it any more. */
  recycle(part: Buffer): void {
    this.#reader.recycle(part)
  }

  /** Ends the process at once. Nothing of it is read any more. */
  kill(): void {
    this.#listening = false
    this.#process.kill('SIGKILL')
  }

  #receive(chunk: Buffer): void {
    if (!this.#listening) return
    try {
      for (const body of this.#reader.push(chunk)) {
        const message = parseChildMessage(body)
        if (!message || !this.#options.onMessage(message)) this.#breach()
        if (!this.#listening) return
      }
    } catch {
      this.#breach()
    }
  }

  #breach(): void {
    this.#listening = false
    this.#options.onBreach()
  }
}

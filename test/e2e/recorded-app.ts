import { Recorder } from '../canary/recorder.ts'
import { startTestApp, type TestApp } from '../harness.ts'
import { ApiClient } from './api-client.ts'
import { hostChildrenOf } from './host-children.ts'
import { createStorage, type Storage, type StorageKind } from './storage.ts'

/** The whole program in this process, with a client; everything it says and stores is searched for secrets later. */
export class RecordedApp implements AsyncDisposable {
  readonly storage: Storage
  readonly recorder: Recorder
  readonly client: ApiClient
  readonly url: string
  readonly port: number
  readonly #app: TestApp

  private constructor(storage: Storage, recorder: Recorder, app: TestApp) {
    this.storage = storage
    this.recorder = recorder
    this.#app = app
    this.client = new ApiClient(app.url, recorder)
    this.url = app.url
    this.port = app.port
  }

  static async start(kind: StorageKind, environment: Readonly<Record<string, string>> = {}): Promise<RecordedApp> {
    const storage = await createStorage(kind)
    const app = await startTestApp({ LOG_LEVEL: 'trace', ...storage.environment, ...environment })
    return new RecordedApp(storage, new Recorder(), app)
  }

  /** What the processes look like from outside in which drivers run now. */
  recordChildren(): readonly { readonly pid: number; readonly environment: string }[] {
    const children = hostChildrenOf(process.pid)
    for (const child of children) this.recorder.record('process', `${child.commandLine}\n${child.environment}\n`)
    return children
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The files of a running program differ from those of one that has ended in order.
    await this.storage.record()
    await this.#app[Symbol.asyncDispose]()
    this.recorder.record('log', this.#app.log())
    await this.storage[Symbol.asyncDispose]()
  }
}

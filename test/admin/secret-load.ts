import { canarySecret } from '../canary/secrets.ts'
import { type SavedConnector, SecretOperations } from '../e2e/secret-operations.ts'
import type { ServerProcess } from '../e2e/server-process.ts'

const clients = 4

interface Owned {
  connector: SavedConnector
  password: string
}

const patchOf = (password: string) => ({ config: { postgres: { auth: { password: { password } } } } })

/**
 * Clients that go on using and changing secrets: giving a connector the password that it has makes the server read the
 * stored one, and giving it another one makes it write.
 */
export class SecretLoad {
  reads = 0
  writes = 0
  readonly failures: string[] = []
  readonly #operations: SecretOperations
  readonly #owned: readonly Owned[]
  #isOver = false
  #running: Promise<unknown> = Promise.resolve()

  private constructor(operations: SecretOperations, owned: readonly Owned[]) {
    this.#operations = operations
    this.#owned = owned
  }

  static async create(server: ServerProcess, count: number): Promise<SecretLoad> {
    const operations = new SecretOperations(server.client)
    const owned: Owned[] = []
    for (let number = 0; number < count; number++) {
      const password = canarySecret()
      const connector = await operations.created({
        name: `Loaded ${number}`,
        config: { postgres: { host: '127.0.0.1', database: 'd', auth: { password: { username: 'u', password } } } },
      })
      owned.push({ connector, password })
    }
    return new SecretLoad(operations, owned)
  }

  /** The same connectors through another process, which the server's successor is. */
  through(server: ServerProcess): SecretLoad {
    return new SecretLoad(new SecretOperations(server.client), this.#owned)
  }

  get connectors(): readonly SavedConnector[] {
    return this.#owned.map(({ connector }) => connector)
  }

  start(): void {
    // Each client has connectors of its own, so none of them loses against another.
    this.#running = Promise.all(
      Array.from({ length: clients }, (_, client) =>
        this.#client(this.#owned.filter((_, index) => index % clients === client)),
      ),
    )
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
  }

  /** Reads every secret once, and sees that it is the last one that was acknowledged. */
  async check(): Promise<void> {
    for (const owned of this.#owned) await this.#read(owned)
  }

  async #client(owned: readonly Owned[]): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const one = owned[turn % owned.length]
      if (!one) return
      if (turn % 4 === 3) await this.#write(one)
      else await this.#read(one)
    }
  }

  async #read(owned: Owned): Promise<void> {
    const saving = await this.#operations.update(owned.connector, patchOf(owned.password))
    this.reads++
    // A new version would say that the stored one was another one, or could not be read.
    if (saving.connector?.version !== owned.connector.version) this.failures.push(`read: ${JSON.stringify(saving)}`)
  }

  async #write(owned: Owned): Promise<void> {
    const password = canarySecret()
    const saving = await this.#operations.update(owned.connector, patchOf(password))
    this.writes++
    if (saving.connector?.version !== owned.connector.version + 1) {
      this.failures.push(`write: ${JSON.stringify(saving)}`)
      return
    }
    owned.connector = saving.connector
    owned.password = password
  }
}

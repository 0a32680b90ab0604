import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { WakeUps } from './wake-ups.ts'

const channel = 'patchbay'
const heartbeatMs = 30_000
const maxReconnectMs = 5000
const maxPendingTopics = 10_000

/**
 * Wake-ups through LISTEN and NOTIFY: listens on a connection of its own, which is opened again when it breaks.
 * Nothing here throws, because a wake-up may be lost: who waits for one also looks for itself now and then.
 */
export class PostgresListener {
  /** Tells this process's own notifications apart, which it has already delivered to itself. */
  readonly #self = randomUUID()
  readonly #config: pg.ClientConfig
  readonly #wakeUps: WakeUps
  #client: pg.Client | undefined
  #timer: NodeJS.Timeout | undefined
  #failures = 0
  #closed = false
  #pending = new Set<string>()
  #sending: Promise<void> | undefined

  constructor(config: pg.ClientConfig, wakeUps: WakeUps) {
    this.#config = config
    this.#wakeUps = wakeUps
  }

  /** Resolves when it listens, or when the first attempt has failed and others will follow. */
  async start(): Promise<void> {
    if (this.#closed) return
    const client = new pg.Client({ ...this.#config, application_name: 'patchbay listener' })
    let over = false
    const lost = () => {
      if (over) return
      over = true
      client.end().catch(() => undefined)
      this.#reconnect()
    }
    client.on('error', lost)
    client.on('end', lost)
    client.on('notification', ({ payload = '' }) => {
      const space = payload.indexOf(' ')
      if (payload.slice(0, space) !== this.#self) this.#wakeUps.deliver(payload.slice(space + 1))
    })
    this.#client = client
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      this.#failures = 0
      this.#beat(client, lost)
    } catch {
      lost()
    }
  }

  /** Wakes this process at once, and the others by one statement for all topics of the moment. */
  async notify(topic: string, pool: pg.Pool): Promise<void> {
    this.#wakeUps.deliver(topic)
    if (this.#pending.size < maxPendingTopics) this.#pending.add(topic)
    this.#sending ??= this.#send(pool).finally(() => {
      this.#sending = undefined
    })
    await this.#sending
  }

  async #send(pool: pg.Pool): Promise<void> {
    // The turn that follows lets notifications of the same moment share the statement.
    await new Promise(setImmediate)
    while (this.#pending.size > 0 && !this.#closed) {
      const topics = [...this.#pending]
      this.#pending.clear()
      const text = `select pg_notify('${channel}', $1 || ' ' || topic) from unnest($2::text[]) as topic`
      await pool.query(text, [this.#self, topics]).catch(() => undefined)
    }
  }

  /** Notices a connection that died without a word, behind a firewall for instance. */
  #beat(client: pg.Client, lost: () => void): void {
    this.#schedule(heartbeatMs, () => {
      client.query('select 1').then(() => this.#beat(client, lost), lost)
    })
  }

  #reconnect(): void {
    this.#client = undefined
    const delayMs = Math.min(100 * 2 ** this.#failures++, maxReconnectMs) * (0.5 + Math.random() / 2)
    this.#schedule(delayMs, () => void this.start())
  }

  #schedule(delayMs: number, run: () => void): void {
    clearTimeout(this.#timer)
    if (!this.#closed) this.#timer = setTimeout(run, delayMs).unref()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#sending
    await this.#client?.end().catch(() => undefined)
  }
}

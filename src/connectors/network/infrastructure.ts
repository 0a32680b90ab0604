import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** Follows the addresses of the hosts that Patchbay itself runs on. For the parent process. */
export class Infrastructure {
  readonly #hosts: readonly string[]
  readonly #lookupMs: number
  /** What was last known of each host. */
  readonly #known = new Map<string, readonly string[]>()

  /** `hosts`: names and addresses, such as that of Patchbay's own database. */
  constructor(hosts: readonly string[], lookupMs = 3_000) {
    this.#hosts = hosts
    this.#lookupMs = lookupMs
  }

  /** Their addresses now. A host that cannot be resolved in time keeps those it had. Never rejects. */
  async addresses(): Promise<readonly string[]> {
    await Promise.all(this.#hosts.map(host => this.#refresh(host)))
    return [...new Set([...this.#known.values()].flat())]
  }

  async #refresh(host: string): Promise<void> {
    const found = isIP(host) ? [host] : await resolve(host, this.#lookupMs)
    if (found.length > 0) this.#known.set(host, found)
  }
}

/** As the storage client resolves them: by the machine's own resolver. */
async function resolve(host: string, lookupMs: number): Promise<readonly string[]> {
  const settled = new AbortController()
  const tooLate = delay(lookupMs, [], { signal: settled.signal, ref: false }).catch(() => [])
  const answer = lookup(host, { all: true }).then(
    entries => entries.map(({ address }) => address),
    () => [],
  )
  const addresses = await Promise.race([answer, tooLate])
  settled.abort()
  return addresses
}

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { install } from './install.ts'

const program = '/usr/bin/chromium'

/** Whether the browser is there, or why not. */
export const installChromium = () => install('chromium', program)

/** A headless browser with a profile of its own, that finds no host but loopback. */
export class Chromium implements AsyncDisposable {
  readonly context: BrowserContext
  readonly #profile: string

  private constructor(context: BrowserContext, profile: string) {
    this.context = context
    this.#profile = profile
  }

  static async start(viewport = { width: 1600, height: 1000 }): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'patchbay-chromium-'))
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: program,
      headless: true,
      viewport,
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
        ...['--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
      ],
    })
    return new Chromium(context, profile)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close()
    await rm(this.#profile, { recursive: true, force: true })
  }
}

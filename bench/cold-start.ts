import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { build } from 'esbuild'
import type { Result } from './result.ts'
import { ServerProcess } from './server-process.ts'
import { median } from './statistics.ts'

const rounds = 9
const root = join(import.meta.dirname, '..')

/** Time from spawn to the first answer and resident memory, against a bundled Yoga hello-world. Needs `dist/`. */
export async function benchColdStart(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  try {
    const helloWorld = join(directory, 'hello-world.mjs')
    await build({
      absWorkingDir: root,
      entryPoints: ['bench/servers/hello-world.ts'],
      outfile: helloWorld,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node22.14',
      logLevel: 'warning',
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    })
    const patchbay = join(root, 'dist', 'main.js')
    const environment = { DATA_DIR: join(directory, 'data') }
    // The first start makes the database and the master key: that happens once in a life.
    await (await ServerProcess.start([patchbay], environment)).stop()

    const samples = { patchbay: [] as Sample[], helloWorld: [] as Sample[] }
    for (let round = 0; round < rounds; round++) {
      samples.helloWorld.push(await startOnce([helloWorld], {}))
      samples.patchbay.push(await startOnce([patchbay], environment))
    }
    const time = { own: medianOf(samples.patchbay, 'ms'), baseline: medianOf(samples.helloWorld, 'ms') }
    const memory = { own: medianOf(samples.patchbay, 'own'), baseline: medianOf(samples.helloWorld, 'own') }
    return [
      {
        what: 'cold start to first answer',
        measured: `${Math.round(time.own)} ms`,
        baseline: `Yoga hello-world ${Math.round(time.baseline)} ms`,
        reached: time.own / time.baseline,
        target: { atMost: 1.5 },
      },
      {
        what: 'resident memory after it, MB',
        measured: `${memory.own} MB, host children ${medianOf(samples.patchbay, 'children')} MB`,
        baseline: `Yoga hello-world ${memory.baseline} MB`,
        reached: memory.own,
        target: { atMost: 120 },
      },
    ]
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

interface Sample {
  readonly ms: number
  readonly own: number
  readonly children: number
}

async function startOnce(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Sample> {
  const server = await ServerProcess.start(args, environment)
  try {
    // The first connector host process starts once the server listens, and belongs to what is counted.
    await delay(500)
    return { ms: server.firstAnswerMs, ...(await server.residentMegabytes()) }
  } finally {
    await server.stop()
  }
}

const medianOf = (samples: readonly Sample[], key: keyof Sample): number => median(samples.map(sample => sample[key]))

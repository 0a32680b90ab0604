import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import { Socket } from 'node:net'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import type { ConnectorType, Step, StepsModule, TestRun } from '../../../src/connectors/define.ts'
import { measuredText } from '../../../src/connectors/evidence.ts'
import { serveJobs } from '../../../src/connectors/host/serve-jobs.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'

/** An entry of the connector host's children as the program has it, but for somebody who takes down what the type does. */

const seen: Record<string, string[]> = { printed: [], files: [], programs: [], addons: [], lookups: [], dialled: [] }

/** Takes down each call of a method with its first argument, and lets it happen. */
function watch(object: object, method: string, kind: string, told: (args: readonly unknown[]) => string): void {
  const original = Reflect.get(object, method) as (...args: unknown[]) => unknown
  Reflect.set(object, method, function (this: unknown, ...args: unknown[]) {
    seen[kind]?.push(`${method} ${told(args)}`)
    return Reflect.apply(original, this, args)
  })
}

const first = ([argument]: readonly unknown[]) => String(argument)
for (const stream of [process.stdout, process.stderr]) watch(stream, 'write', 'printed', first)
for (const method of [
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
  'createWriteStream',
  'mkdir',
  'mkdirSync',
])
  watch(fs, method, 'files', first)
for (const method of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync'])
  watch(childProcess, method, 'programs', first)
watch(process, 'dlopen', 'addons', ([, file]) => String(file))
watch(dns, 'lookup', 'lookups', first)
const events = ['uncaughtException', 'unhandledRejection', 'exit', 'beforeExit', 'warning', 'SIGINT', 'SIGTERM']
const environment = () => Object.keys(process.env).sort().join()
const listeners = () => events.map(event => process.listenerCount(event)).join()

/** What there is to be told after a test, of which nothing has to do with its steps. */
function report(before: { readonly environment: string; readonly listeners: string }) {
  return [
    ...Object.entries(seen).map(([kind, calls]) => measuredText(kind, [...new Set(calls)].join('; '))),
    measuredText(
      'environment',
      before.environment === environment() ? '' : `${before.environment} -> ${environment()}`,
    ),
    measuredText('listeners', before.listeners === listeners() ? '' : `${before.listeners} -> ${listeners()}`),
    measuredText(
      'globals',
      Object.keys(globalThis)
        .filter(name => !globals.has(name))
        .join(),
    ),
  ]
}
const globals = new Set(Object.keys(globalThis))

/** The type, whose last step tells what was seen beside what it found. */
const watched: ConnectorType = {
  ...databricks,
  async loadSteps() {
    // What the host has tried in its own test is not the type's doing.
    for (const calls of Object.values(seen)) calls.length = 0
    const before = { environment: environment(), listeners: listeners() }
    const module = (await databricks.loadSteps()) as StepsModule<never>
    const startTest = (...args: Parameters<typeof module.startTest>): TestRun => {
      const run = module.startTest(...args)
      const last = run.steps.LEAST_PRIVILEGE as Step
      const told: Step = async context => {
        const found = await last(context)
        return { ...found, evidence: [...found.evidence, ...report(before)] }
      }
      return {
        steps: { ...run.steps, LEAST_PRIVILEGE: told },
        ...(run.timedOut && { timedOut: run.timedOut.bind(run) }),
        close: () => run.close(),
      }
    }
    return { ...module, startTest }
  },
}

serveJobs(new ConnectorRegistry([watched]))
// Below it is the host's fence, which stands when the jobs are served.
watch(Socket.prototype, 'connect', 'dialled', args => {
  const [options] = args.flat(2) as readonly { readonly host?: string; readonly port?: number }[]
  return `${options?.host ?? ''}:${options?.port ?? ''}`
})

import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import filePromises from 'node:fs/promises'
import { Socket } from 'node:net'
import type { ConnectorType, Step, TestRun } from '../../src/connectors/define.ts'
import { measuredText } from '../../src/connectors/evidence.ts'
import { serveJobs } from '../../src/connectors/host/serve-jobs.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'

const seen = {
  printed: [] as string[],
  written: [] as string[],
  read: [] as string[],
  programs: [] as string[],
  addons: [] as string[],
  lookups: [] as string[],
  dialled: [] as string[],
}
type Kind = keyof typeof seen

/** Takes down each call of a method, and lets it happen. `told`: its arguments in words; undefined for what is no matter. */
function watch(object: object, method: string, kind: Kind, told: (args: readonly unknown[]) => string | undefined) {
  const original = Reflect.get(object, method) as (...args: unknown[]) => unknown
  Reflect.set(object, method, function (this: unknown, ...args: unknown[]) {
    const words = told(args)
    if (words !== undefined) seen[kind].push(words)
    return Reflect.apply(original, this, args)
  })
}

const first = ([argument]: readonly unknown[]) => String(argument)
/** Reading code is how modules are loaded. */
const notCode = ([path]: readonly unknown[]) =>
  /\/(?:node_modules|src|test)\//.test(String(path)) ? undefined : String(path)

const events = ['uncaughtException', 'unhandledRejection', 'exit', 'beforeExit', 'warning', 'SIGINT', 'SIGTERM']
const countListeners = () => events.map(event => process.listenerCount(event)).join()
const describeEnvironment = () => Object.keys(process.env).sort().join()

function watchEverything(): void {
  for (const stream of [process.stdout, process.stderr]) watch(stream, 'write', 'printed', first)
  const writing = ['writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rename', 'unlink', 'rm', 'symlink', 'copyFile']
  for (const method of writing) {
    for (const name of [method, `${method}Sync`]) watch(fs, name, 'written', first)
    watch(filePromises, method, 'written', first)
  }
  watch(fs, 'createWriteStream', 'written', first)
  const reading = ['readFile', 'open', 'stat', 'access', 'readdir']
  for (const method of reading) {
    for (const name of [method, `${method}Sync`]) watch(fs, name, 'read', notCode)
    watch(filePromises, method, 'read', notCode)
  }
  for (const method of ['spawn', 'exec', 'execFile', 'fork', 'spawnSync', 'execSync', 'execFileSync'])
    watch(childProcess, method, 'programs', first)
  watch(process, 'dlopen', 'addons', ([, file]) => String(file))
  watch(dns, 'lookup', 'lookups', first)
}

/** Above the host's own fence, which must not be taken down for what it is asked. */
function watchSockets(): void {
  watch(Socket.prototype, 'connect', 'dialled', args => {
    const [options] = args.flat(2) as readonly { readonly host?: string; readonly port?: number }[]
    return `${options?.host ?? ''}:${options?.port ?? ''}`
  })
}

/** The type, whose last step tells what was seen beside what it found: evidence with the names of `seen`, and some more. */
function telling(type: ConnectorType, globals: ReadonlySet<string>): ConnectorType {
  return {
    ...type,
    async loadSteps() {
      // What the host has tried in its own test is not the type's doing.
      for (const calls of Object.values(seen)) calls.length = 0
      const before = { environment: describeEnvironment(), listeners: countListeners() }
      const tell = () => {
        const all = {
          ...Object.fromEntries(Object.entries(seen).map(([kind, calls]) => [kind, [...new Set(calls)].join('; ')])),
          environment: difference(before.environment, describeEnvironment()),
          listeners: difference(before.listeners, countListeners()),
          globals: Object.keys(globalThis)
            .filter(name => !globals.has(name))
            .join(),
        }
        return Object.entries(all).map(([label, value]) => measuredText(label, value))
      }
      const module = await type.loadSteps()
      return { ...module, startTest: (...args) => tellingRun(module.startTest(...args), tell) }
    },
  }
}

function tellingRun(run: TestRun, tell: () => ReturnType<typeof measuredText>[]): TestRun {
  const last = run.steps.LEAST_PRIVILEGE as Step
  const told: Step = async context => {
    const found = await last(context)
    return { ...found, evidence: [...found.evidence, ...tell()] }
  }
  return {
    steps: { ...run.steps, LEAST_PRIVILEGE: told },
    ...(run.timedOut && { timedOut: run.timedOut.bind(run) }),
    close: () => run.close(),
  }
}

const difference = (before: string, after: string): string => (before === after ? '' : `${before} -> ${after}`)

/** Serves jobs of a type as the program's own children do, but takes down what it does to its surroundings, and tells it. */
export function serveWatched(type: ConnectorType): void {
  const globals = new Set(Object.keys(globalThis))
  watchEverything()
  serveJobs(new ConnectorRegistry([telling(type, globals)]))
  watchSockets()
}

import { AsyncLocalStorage } from 'node:async_hooks'
import Sqlite from 'better-sqlite3'
import pg from 'pg'

/** What the program asked of its database, in order: each statement's text, and where it is known at once, how many rows came. */
export type Trace = readonly string[]

const current = new AsyncLocalStorage<string[]>()

/**
 * Runs `work` and tells which statements it led to, and which wake-ups: whoever could tell two answers apart by how long
 * they take would see it here first. Periodic work of the same process is left out, because it does not descend from it.
 */
export async function recorded<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly trace: Trace }> {
  const trace: string[] = []
  const result = await current.run(trace, work)
  return { result, trace }
}

export const record = (line: string): void => void current.getStore()?.push(line)

type Method = (this: { readonly source: string }, ...params: unknown[]) => unknown

/** Every statement of better-sqlite3 has this prototype, whatever connection it is of. */
function watchSqlite(): void {
  const connection = new Sqlite(':memory:')
  const prototype: Record<string, Method> = Object.getPrototypeOf(connection.prepare('select 1'))
  connection.close()
  for (const name of ['all', 'get', 'run']) {
    const original = prototype[name]
    if (!original) throw new Error(`Statements of better-sqlite3 have no method ${name}.`)
    prototype[name] = function (...params) {
      const answer = original.apply(this, params)
      record(
        `${this.source} -> ${Array.isArray(answer) ? answer.length : name === 'get' ? Number(answer !== undefined) : '-'}`,
      )
      return answer
    }
  }
}

function watchPostgres(): void {
  const prototype = pg.Client.prototype as unknown as { query(...params: unknown[]): unknown }
  const original = prototype.query
  prototype.query = function (...params) {
    const [query] = params
    record(typeof query === 'string' ? query : String((query as { text?: unknown })?.text))
    return original.apply(this, params)
  }
}

watchSqlite()
watchPostgres()

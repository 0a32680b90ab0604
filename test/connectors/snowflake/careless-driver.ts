import { createRequire } from 'node:module'

/**
 * The vendor's driver in the hands of somebody who has read only its first page: options of a connection and a statement come
 * as messages, and what became of them goes back as one.
 */
interface Errand {
  readonly options: Readonly<Record<string, unknown>>
  readonly statement?: string
}

interface Driver {
  createConnection(options: object): {
    connect(done: (error: unknown) => void): void
    execute(statement: object): void
  }
}

process.once('message', (errand: Errand) => {
  // Its types are those of callers who know what they may give.
  const driver = createRequire(import.meta.url)('snowflake-sdk') as Driver
  const connection = driver.createConnection(errand.options)
  const end = (outcome: object) => process.send?.({ ...outcome, pwned: Reflect.get(globalThis, 'pwned') ?? null })
  connection.connect(error => {
    if (error || errand.statement === undefined) {
      end({ error: String(error) })
      return
    }
    connection.execute({
      sqlText: errand.statement,
      complete: (failure: unknown, _: unknown, rows: unknown) => end({ error: String(failure), rows }),
    })
  })
})

// A process of Patchbay without its HTTP server and connector host, which starts fast, does what it is told, and is killed.
import { SecretStoreError } from '../../../src/secrets/secret-store.ts'
import { ServiceError } from '../../../src/services/errors.ts'
import { openChildServices } from './child-services.ts'
import type { Answer, Command } from './messages.ts'

type Open = Awaited<ReturnType<typeof openChildServices>>
let opened: Open | null = null

async function obey(command: Command): Promise<unknown> {
  if (command.kind === 'OPEN') {
    opened = await openChildServices(command.places, command.sabotage)
    return null
  }
  if (opened === null) throw new Error('Nothing is open yet.')
  return opened.obey(command)
}

function send(answer: Answer): void {
  // Without a parent there is nobody to work for.
  process.send?.(answer, error => error && process.exit(1))
}

/** Also when another request, or the reaper in a later time, was faster than a move. */
function codeOf(error: unknown): string | null {
  if (error instanceof ServiceError) return error.code
  const isOvertaken = error instanceof SecretStoreError && ['WITHDRAWN', 'MISSING'].includes(error.fault)
  return isOvertaken ? error.fault : null
}

process.on('message', ({ number, command }: { number: number; command: Command }) => {
  obey(command).then(
    value => {
      send({ number, ok: true, value })
      if (command.kind === 'CLOSE') process.disconnect()
    },
    (error: unknown) => {
      const message = error instanceof Error ? `${error.name}: ${error.stack}` : String(error)
      send({ number, ok: false, code: codeOf(error), message })
    },
  )
})
process.on('disconnect', () => process.exit(0))
send({ number: 0, ok: true, value: null })

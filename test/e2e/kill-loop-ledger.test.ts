import { expect, test } from 'vitest'
import { Ledger } from './kill-loop/ledger.ts'
import type { ConnectorSeen, Mutation } from './kill-loop/messages.ts'

const update = (secrets: Record<string, string | null>): Mutation => ({
  kind: 'UPDATE_CONNECTOR',
  id: 'c1',
  expectedVersion: 1,
  secrets,
})
const seen = (password: string): ConnectorSeen => ({
  id: 'c1',
  name: 'one',
  version: 2,
  note: 'note',
  secrets: { password },
  store: 'SEALED',
})

/** A connector that was created with a password, and two updates of its first version that were sent at once. */
function updatedTwice() {
  const ledger = new Ledger()
  const secrets = { password: 'old' }
  const create = ledger.send({ kind: 'CREATE_CONNECTOR', key: 'k', name: 'one', note: 'note', secrets })
  ledger.settle(create, { kind: 'DONE', value: { id: 'c1', version: 1 } })
  return { ledger, nothing: ledger.send(update({ token: null })), change: ledger.send(update({ password: 'new' })) }
}

test('the answer to an update that changed nothing may come after that to one that did', () => {
  const { ledger, nothing, change } = updatedTwice()
  ledger.settle(change, { kind: 'DONE', value: { id: 'c1', version: 2 } })
  ledger.settle(nothing, { kind: 'DONE', value: { id: 'c1', version: 1 } })
  expect(ledger.reconcile({ connectors: [seen('new')], datasets: [] })).toEqual([])
})

test('an acknowledged update that is gone is noticed', () => {
  const { ledger, nothing, change } = updatedTwice()
  ledger.settle(change, { kind: 'DONE', value: { id: 'c1', version: 2 } })
  ledger.settle(nothing, { kind: 'DONE', value: { id: 'c1', version: 1 } })
  expect(ledger.reconcile({ connectors: [seen('old')], datasets: [] })).toEqual([
    'connector one is not what was acknowledged, nor what followed',
  ])
})

test('an update of which nobody has heard may have been done, or not', () => {
  for (const password of ['old', 'new']) {
    const { ledger, change } = updatedTwice()
    ledger.settle(change, { kind: 'LOST' })
    expect(ledger.reconcile({ connectors: [seen(password)], datasets: [] })).toEqual([])
  }
})

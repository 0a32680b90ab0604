import { type ReactNode, useEffect, useState } from 'react'
import { ask } from './api.ts'
import type { Connector, Refusal } from './model.ts'
import * as operations from './operations.ts'

interface Plan {
  readonly impactToken: string
  readonly hiddenDatasetCount: number
  readonly datasets: { readonly nodes: readonly { readonly id: string; readonly name: string }[] }
}

/** Shows what depends on a connector, and deletes it with the datasets that were chosen. */
export function Deletion({ connector, onDone }: { readonly connector: Connector; onDone(): void }): ReactNode {
  const [plan, setPlan] = useState<Plan | null>(null)
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [said, setSaid] = useState('')
  const ref = { id: connector.id }

  useEffect(() => {
    ask<{ connectorDeletionPlan: Plan | null }>(operations.deletionPlan, { connector: { id: connector.id } }).then(
      answer => setPlan(answer.connectorDeletionPlan),
      (error: Error) => setSaid(error.message),
    )
  }, [connector.id])

  const remove = async () => {
    const input = { connector: ref, impactToken: plan?.impactToken, datasets: { ids: chosen } }
    const { deleteConnector } = await ask<{ deleteConnector: Refusal }>(operations.remove, { input })
    if (deleteConnector.__typename === 'DeleteConnectorSuccess') onDone()
    else setSaid(deleteConnector.message ?? '')
  }
  const toggle = (id: string) => setChosen(ids => (ids.includes(id) ? ids.filter(each => each !== id) : [...ids, id]))

  return (
    <section className="deletion">
      <h2>Delete {connector.name}?</h2>
      {plan && plan.datasets.nodes.length > 0 && (
        <>
          <p>These datasets depend on it. What is not chosen stays, without a connector.</p>
          {plan.datasets.nodes.map(dataset => (
            <label key={dataset.id} className="check">
              <input type="checkbox" checked={chosen.includes(dataset.id)} onChange={() => toggle(dataset.id)} />
              Delete {dataset.name} too
            </label>
          ))}
        </>
      )}
      {plan && plan.hiddenDatasetCount > 0 && <p>{plan.hiddenDatasetCount} more that you may not see will stay.</p>}
      <button type="button" disabled={plan === null} onClick={remove}>
        Delete
      </button>
      <output className="said">{said}</output>
    </section>
  )
}

import { type ReactNode, StrictMode, useCallback, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { ask } from './api.ts'
import { Deletion } from './deletion.tsx'
import { Editor } from './editor.tsx'
import type { Connector, ConnectorType } from './model.ts'
import * as operations from './operations.ts'

type View =
  | { readonly kind: 'GALLERY' }
  | { readonly kind: 'EDIT'; readonly type: ConnectorType; readonly connector: Connector | null }
  | { readonly kind: 'DELETE'; readonly connector: Connector }

/** A whole "Add a connector" page that knows no connector type in advance. */
function App(): ReactNode {
  const [types, setTypes] = useState<readonly ConnectorType[]>([])
  const [connectors, setConnectors] = useState<readonly Connector[]>([])
  const [search, setSearch] = useState('')
  const [view, setView] = useState<View>({ kind: 'GALLERY' })
  const [drawnBy, setDrawnBy] = useState<'FIELDS' | 'SCHEMA'>('FIELDS')

  const load = useCallback(async () => {
    const answer = await ask<{ connectors: { nodes: readonly Connector[] } }>(operations.connectors)
    setConnectors(answer.connectors.nodes)
  }, [])
  useEffect(() => {
    load()
  }, [load])
  useEffect(() => {
    const filter = search === '' ? {} : { search }
    ask<{ connectorTypes: readonly ConnectorType[] }>(operations.catalogue, { filter }).then(answer =>
      setTypes(answer.connectorTypes),
    )
  }, [search])
  const back = () => {
    setView({ kind: 'GALLERY' })
    load()
  }

  return (
    <main>
      <header>
        <h1>Connectors</h1>
        <label>
          Forms drawn from{' '}
          <select
            className="drawn-by"
            value={drawnBy}
            onChange={event => setDrawnBy(event.target.value as typeof drawnBy)}
          >
            <option value="FIELDS">form fields</option>
            <option value="SCHEMA">JSON Schema</option>
          </select>
        </label>
        {view.kind !== 'GALLERY' && (
          <button type="button" className="back" onClick={back}>
            Back
          </button>
        )}
      </header>
      {view.kind === 'GALLERY' && (
        <>
          <input
            className="search"
            placeholder="What do you want to connect?"
            value={search}
            onChange={event => setSearch(event.target.value)}
          />
          <ul className="gallery">
            {types.map(type => (
              <li key={type.name}>
                <button
                  type="button"
                  data-type={type.name}
                  disabled={type.availability !== 'AVAILABLE'}
                  title={type.availabilityNote ?? type.description}
                  onClick={() => setView({ kind: 'EDIT', type, connector: null })}
                >
                  <img src={type.logoUrl} alt="" width={48} />
                  <span>{type.label}</span>
                  {type.maturity !== 'STABLE' && <small>{type.maturity}</small>}
                </button>
              </li>
            ))}
          </ul>
          <ul className="saved">
            {connectors.map(connector => (
              <li key={connector.id} data-name={connector.name}>
                <img src={connector.type.logoUrl} alt="" width={24} /> {connector.name}{' '}
                <small>{connector.verification.state}</small>{' '}
                <button
                  type="button"
                  onClick={() => {
                    const type = types.find(each => each.name === connector.type.name)
                    if (type) setView({ kind: 'EDIT', type, connector })
                  }}
                >
                  Edit
                </button>{' '}
                <button type="button" onClick={() => setView({ kind: 'DELETE', connector })}>
                  Delete
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {view.kind === 'EDIT' && <Editor key={drawnBy} {...view} drawnBy={drawnBy} onSaved={back} />}
      {view.kind === 'DELETE' && <Deletion connector={view.connector} onDone={back} />}
    </main>
  )
}

const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}

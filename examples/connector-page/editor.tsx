import { type ReactNode, useState } from 'react'
import { ask, type JsonObject, watch } from './api.ts'
import { FieldForm } from './field-form.tsx'
import { type Connector, type ConnectorType, type Issue, issuesOf, type Refusal, type Test } from './model.ts'
import * as operations from './operations.ts'
import { SchemaForm } from './schema-form.tsx'
import { StreamedTest } from './streamed-test.tsx'
import { patchOf } from './values.ts'

export interface EditorProps {
  readonly type: ConnectorType
  /** The connector that is edited; null for a new one. */
  readonly connector: Connector | null
  readonly drawnBy: 'FIELDS' | 'SCHEMA'
  onSaved(): void
}

/** Fills in, checks, tests and saves one connector of a type that this page knows only from the catalogue. */
export function Editor({ type, connector, drawnBy, onSaved }: EditorProps): ReactNode {
  const [name, setName] = useState(connector?.name ?? '')
  const [value, setValue] = useState<JsonObject>(connector?.formData ?? {})
  const [issues, setIssues] = useState<readonly Issue[]>([])
  const [said, setSaid] = useState('')
  const [test, setTest] = useState<Test | null>(null)

  const change = (): JsonObject => ({ [type.inputKey]: patchOf(connector?.formData, value) ?? {} })
  const target = (): JsonObject =>
    connector ? { edit: { connector: { id: connector.id }, config: change() } } : { draft: { [type.inputKey]: value } }

  const refuse = (refusal: Refusal) => {
    setIssues(issuesOf(refusal))
    setSaid(refusal.message ?? '')
  }
  const guarded = async (work: () => Promise<void>) => {
    setIssues([])
    setSaid('')
    await work().catch((error: Error) => setSaid(error.message))
  }
  const runTest = () =>
    guarded(async () => {
      for await (const event of watch<Refusal & { test?: Test }>(operations.test, { input: { target: target() } })) {
        if (event.test) setTest(event.test)
        else refuse(event)
      }
    })
  const check = () =>
    guarded(async () => {
      const answer = await ask<{ validateConnectorConfig: Refusal }>(operations.validate, { target: target() })
      const { validateConnectorConfig: verdict } = answer
      if (verdict.__typename === 'ValidateConnectorConfigSuccess') setSaid('Everything is filled in as it should be.')
      else refuse(verdict)
    })
  const save = () =>
    guarded(async () => {
      const testId = test?.id
      const input = connector
        ? { connector: { id: connector.id }, expectedVersion: connector.version, name, config: change(), testId }
        : { name, config: { [type.inputKey]: value }, testId }
      const answer = await ask<{ [mutation: string]: Refusal }>(connector ? operations.update : operations.create, {
        input,
      })
      const [result] = Object.values(answer)
      if (result?.__typename.endsWith('Success')) onSaved()
      else if (result) refuse(result)
    })
  const listOptions = async (path: string) => {
    // The server knows lists by their form path: items have a star for their place.
    const field = path.replaceAll(/\.\d+(?=\.|$)/g, '.*')
    const source = connector ? target() : { draft: { [type.inputKey]: value } }
    const { connectorFieldOptions: answer } = await ask<{ connectorFieldOptions: OptionsAnswer }>(
      operations.fieldOptions,
      {
        input: { target: source, field },
      },
    )
    const told = answer.issues?.map(issue => `${issue.path}: ${issue.message}`).join(' ')
    return {
      options: answer.options?.nodes ?? [],
      problem: answer.options?.problem?.message ?? told ?? answer.message ?? null,
    }
  }

  const stored = new Set(connector?.secrets.filter(secret => secret.isSet).map(secret => secret.path))
  return (
    <section className="editor" data-type={type.name} data-drawn-by={drawnBy}>
      <h2>
        <img src={type.logoUrl} alt="" width={32} /> {connector ? connector.name : `New: ${type.label}`}
      </h2>
      <p className="help">{type.description}</p>
      <label>
        Name <input className="name" value={name} onChange={event => setName(event.target.value)} />
      </label>
      {issues
        .filter(issue => issue.path === 'name')
        .map(issue => (
          <p key={issue.message} className="issue" role="alert">
            {issue.message}
          </p>
        ))}
      {drawnBy === 'SCHEMA' ? (
        <SchemaForm form={type.form} value={value} issues={issues} isEdit={connector !== null} onChange={setValue} />
      ) : (
        <FieldForm
          form={type.form}
          value={value}
          issues={issues}
          storedSecrets={stored}
          onChange={setValue}
          listOptions={listOptions}
        />
      )}
      <p className="actions">
        <button type="button" onClick={check}>
          Check
        </button>
        <button type="button" onClick={runTest}>
          Test
        </button>
        <button type="button" onClick={save}>
          Save
        </button>
        <output className="said">{said}</output>
      </p>
      {test && <StreamedTest test={test} />}
    </section>
  )
}

interface OptionsAnswer extends Refusal {
  readonly options?: {
    readonly nodes: readonly { readonly value: string; readonly label: string | null; readonly help: string | null }[]
    readonly problem: { readonly message: string } | null
  }
}

import { type ReactNode, useId, useMemo, useState } from 'react'
import type { Json, JsonObject } from './api.ts'
import { type FieldNode, isRequired, isVisible, nest } from './field-tree.ts'
import type { Form, FormField, Issue } from './model.ts'
import { valueAt, withValueAt } from './values.ts'

export interface Option {
  readonly value: string
  readonly label: string | null
  readonly help: string | null
}

export interface FieldFormProps {
  readonly form: Form
  readonly value: JsonObject
  readonly issues: readonly Issue[]
  /** Paths of secrets that are stored already: leaving them empty keeps them. */
  readonly storedSecrets: ReadonlySet<string>
  onChange(value: JsonObject): void
  /** Values to choose from, as the source has them now; with a sentence where they cannot be had. */
  listOptions(path: string): Promise<{ readonly options: readonly Option[]; readonly problem: string | null }>
}

/** A form drawn from `FormField`s alone. */
export function FieldForm(props: FieldFormProps): ReactNode {
  const { form } = props
  const nodes = useMemo(() => nest(form.fields), [form])
  const [showsAdvanced, setShowsAdvanced] = useState(false)
  const sections = [{ name: null, label: '', help: null }, ...form.sections]
  return (
    <div className="field-form">
      {sections.map(section => {
        const own = nodes
          .filter(node => node.field.section === section.name)
          .filter(node => showsAdvanced || !node.field.isAdvanced || hasIssue(props, node))
        if (own.length === 0) return null
        return (
          <fieldset key={section.name ?? ''}>
            {section.label !== '' && <legend>{section.label}</legend>}
            {section.help && <p className="help">{section.help}</p>}
            {own.map(node => (
              <Field key={node.field.path} {...props} node={node} at={node.field.path} showsAdvanced={showsAdvanced} />
            ))}
          </fieldset>
        )
      })}
      <label className="check">
        <input type="checkbox" checked={showsAdvanced} onChange={event => setShowsAdvanced(event.target.checked)} />
        Show advanced fields
      </label>
    </div>
  )
}

/** What is wrong must be seen, wherever it is. */
const hasIssue = ({ issues }: FieldFormProps, { field }: FieldNode): boolean =>
  issues.some(({ path }) => path === field.path || path.startsWith(`${field.path}.`))

interface FieldProps extends FieldFormProps {
  readonly node: FieldNode
  /** The field's path, with indices in the place of stars. */
  readonly at: string
  readonly showsAdvanced: boolean
}

function Field(props: FieldProps): ReactNode {
  const { node, at, form, value, issues, showsAdvanced } = props
  const { field } = node
  const own = issues.filter(issue => issue.path === at)
  const isHidden = field.isAdvanced && !showsAdvanced && !hasIssue(props, node)
  if (isHidden || !isVisible(field, value, form.fields, at)) return null
  return (
    <div className="field" data-path={at} data-invalid={own.length > 0 || undefined}>
      {control(props)}
      {own.map(issue => (
        <p key={issue.message} className="issue" role="alert">
          {issue.message}
        </p>
      ))}
    </div>
  )
}

function control(props: FieldProps): ReactNode {
  switch (props.node.field.kind) {
    case 'GROUP':
      return <Group {...props} />
    case 'ALTERNATIVES':
      return <Alternatives {...props} />
    case 'LIST':
      return <List {...props} />
    case 'BOOLEAN':
      return <Check {...props} />
    case 'CHOICE':
      return <Choice {...props} />
    default:
      return <Text {...props} />
  }
}

/** The fields below one. `path`: of what holds them, with indices. */
const below = (props: FieldProps, path: string): ReactNode =>
  props.node.children.map(child => {
    const rest = child.field.path.slice(props.node.field.path.length)
    return <Field key={child.field.path} {...props} node={child} at={`${path}${rest}`} />
  })

const set = ({ value, at, onChange }: FieldProps, next: Json | undefined): void =>
  onChange(withValueAt(value, at, next) as JsonObject)

function Label({ field, required, id }: { field: FormField; required: boolean; id?: string }): ReactNode {
  return (
    <>
      <label htmlFor={id}>
        {field.label}
        {required && <span aria-hidden> *</span>}
      </label>
      {field.help && <p className="help">{field.help}</p>}
    </>
  )
}

function Group(props: FieldProps): ReactNode {
  const { node, at, value } = props
  const isOptional = !node.field.required && node.field.defaultValue === null
  const isThere = valueAt(value, at) !== undefined
  return (
    <fieldset>
      <legend>
        {isOptional ? (
          <label className="check">
            <input
              type="checkbox"
              checked={isThere}
              onChange={event => set(props, event.target.checked ? {} : undefined)}
            />
            {node.field.label}
          </label>
        ) : (
          node.field.label
        )}
      </legend>
      {node.field.help && <p className="help">{node.field.help}</p>}
      {(!isOptional || isThere) && below(props, at)}
    </fieldset>
  )
}

function Alternatives(props: FieldProps): ReactNode {
  const { node, at, value } = props
  const { field } = node
  const id = useId()
  const chosen = Object.keys((valueAt(value, at) ?? field.defaultValue ?? {}) as JsonObject)[0] ?? ''
  const hasFields = (key: string) =>
    node.children.some(child => child.field.path.startsWith(`${field.path === '' ? '' : `${field.path}.`}${key}.`))
  const choose = (key: string) => set(props, key === '' ? undefined : { [key]: hasFields(key) ? {} : true })
  return (
    <>
      <Label field={field} required={field.required} id={id} />
      <select id={id} value={chosen} onChange={event => choose(event.target.value)}>
        <option value="" />
        {field.options.map(option => (
          <option key={option.value} value={option.value} title={option.help ?? undefined}>
            {option.label}
          </option>
        ))}
      </select>
      {below(props, at)}
    </>
  )
}

function List(props: FieldProps): ReactNode {
  const { node, at, value } = props
  const items = (valueAt(value, at) ?? []) as readonly Json[]
  const isPlain = node.children.every(child => child.field.kind !== 'GROUP')
  return (
    <fieldset>
      <legend>{node.field.label}</legend>
      {node.field.help && <p className="help">{node.field.help}</p>}
      {items.map((_item, index) => (
        <div key={index} className="item">
          {node.children.map(child => (
            <Field key={child.field.path} {...props} node={child} at={`${at}.${index}`} />
          ))}
          <button type="button" onClick={() => set(props, items.toSpliced(index, 1))}>
            Remove
          </button>
        </div>
      ))}
      <button type="button" onClick={() => set(props, [...items, isPlain ? '' : {}])}>
        Add
      </button>
    </fieldset>
  )
}

function Check(props: FieldProps): ReactNode {
  const { node, at, value } = props
  const { field } = node
  const checked = (valueAt(value, at) ?? field.defaultValue) === true
  return (
    <label className="check" title={field.help ?? undefined}>
      <input type="checkbox" checked={checked} onChange={event => set(props, event.target.checked)} />
      {field.label}
    </label>
  )
}

function Choice(props: FieldProps): ReactNode {
  const { node, at, value, form } = props
  const { field } = node
  const id = useId()
  return (
    <>
      <Label field={field} required={isRequired(field, value, form.fields, at)} id={id} />
      <select
        id={id}
        value={String(valueAt(value, at) ?? field.defaultValue ?? '')}
        onChange={event => set(props, event.target.value === '' ? undefined : event.target.value)}
      >
        {field.defaultValue === null && <option value="" />}
        {field.options.map(option => (
          <option key={option.value} value={option.value} title={option.help ?? undefined}>
            {option.label}
          </option>
        ))}
      </select>
    </>
  )
}

function Text(props: FieldProps): ReactNode {
  const { node, at, value, form, storedSecrets } = props
  const { field } = node
  const id = useId()
  const given = valueAt(value, at)
  const isNumber = field.kind === 'INTEGER' || field.kind === 'NUMBER'
  const isStored = field.isSecret && storedSecrets.has(at)
  const change = (text: string) => set(props, text === '' ? undefined : isNumber ? Number(text) : text)
  const attributes = {
    id,
    value: given === undefined || given === null ? '' : String(given),
    placeholder: isStored ? 'stored; leave empty to keep it' : String(field.defaultValue ?? field.placeholder ?? ''),
  }
  return (
    <>
      <Label field={field} required={!isStored && isRequired(field, value, form.fields, at)} id={id} />
      {field.kind === 'MULTILINE_TEXT' ? (
        <textarea {...attributes} rows={3} onChange={event => change(event.target.value)} />
      ) : (
        <input
          {...attributes}
          type={field.isSecret ? 'password' : isNumber ? 'number' : 'text'}
          autoComplete={field.isSecret ? 'new-password' : 'off'}
          min={field.minimum ?? undefined}
          max={field.maximum ?? undefined}
          maxLength={field.maxLength ?? undefined}
          list={field.liveOptions ? `${id}-options` : undefined}
          onChange={event => change(event.target.value)}
        />
      )}
      {field.liveOptions && <LiveOptions {...props} listId={`${id}-options`} />}
    </>
  )
}

/** Looks in the source for values when it is asked to; the field can be typed into all the while. */
function LiveOptions({ at, listOptions, listId }: FieldProps & { readonly listId: string }): ReactNode {
  const [found, setFound] = useState<{ options: readonly Option[]; problem: string | null } | 'LOOKING' | null>(null)
  const look = async () => {
    setFound('LOOKING')
    setFound(await listOptions(at).catch((error: Error) => ({ options: [], problem: error.message })))
  }
  return (
    <span className="live">
      <button type="button" onClick={look} disabled={found === 'LOOKING'}>
        {found === 'LOOKING' ? 'Looking…' : 'Look in the source'}
      </button>
      {found !== null && found !== 'LOOKING' && (
        <>
          <datalist id={listId}>
            {found.options.map(option => (
              <option key={option.value} value={option.value} label={option.label ?? undefined} />
            ))}
          </datalist>
          <output>
            {found.problem ?? `${found.options.length} found: ${found.options.map(each => each.value).join(', ')}`}
          </output>
        </>
      )}
    </span>
  )
}

import { changedFields } from '../connectors/form-changes.ts'
import { secretFields } from '../connectors/form-secrets.ts'
import { type FormTreeNode, formTree } from '../connectors/form-tree.ts'
import { childNode, chosenAlternative, isLeaf, isRecord } from '../connectors/form-tree-walk.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { TestChange } from '../connectors/test-comparison.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { TestSubject } from './test-subject.ts'

const longestValue = 200

/** Fields, secrets and the version of the connector type that differ from those of an earlier test. */
export function configChanges(
  before: Pick<ConnectionTestRow, 'config' | 'secretDigests' | 'typeVersion'>,
  subject: TestSubject,
): readonly TestChange[] {
  const { form } = subject.type
  const fields = changedFields(form, before.config, subject.config).map(path =>
    fieldChange(formTree(form).root, path, before.config, subject.config),
  )
  return [...fields, ...secretChanges(before, subject), ...typeChanges(before.typeVersion, subject)]
}

const change = (part: Pick<TestChange, 'subject' | 'label' | 'message'> & Partial<TestChange>): TestChange => ({
  field: null,
  stepKey: null,
  target: null,
  before: null,
  after: null,
  changedAt: null,
  ...part,
})

function fieldChange(root: FormTreeNode, path: string, before: JsonObject, after: JsonObject): TestChange {
  const segments = path.split('.')
  const node = nodeAt(root, segments)
  const [was, is] = [before, after].map(config => {
    const value = valueAt(config, segments) ?? node?.defaultValue
    return Array.isArray(value) && value.length === 0 ? undefined : value
  })
  const [wasText, isText] = [shownValue(node, was), shownValue(node, is)]
  const label = node?.label ?? path
  const isKnown = (value: unknown, text: string | null) => text !== null || value === undefined || value === null
  const quoted = (text: string | null) => (text === null ? 'not set' : `"${text}"`)
  const message =
    isKnown(was, wasText) && isKnown(is, isText) && wasText !== isText
      ? `The field "${label}": now ${quoted(isText)}; before ${quoted(wasText)}.`
      : `The field "${label}" was changed.`
  return change({ subject: 'FIELD', label, field: path, before: wasText, after: isText, message })
}

function secretChanges(
  before: Pick<ConnectionTestRow, 'config' | 'secretDigests'>,
  { type: { form }, config, secretDigests, secretSetAt }: TestSubject,
): readonly TestChange[] {
  const byPath = new Map([...secretFields(form, before.config), ...secretFields(form, config)].map(at => [at.path, at]))
  return [...byPath.values()].flatMap(({ path, secretPath }) => {
    const [was, is] = [before.secretDigests[secretPath], secretDigests[secretPath]]
    if (was === is) return []
    const label = nodeAt(formTree(form).root, path.split('.'))?.label ?? path
    const changedAt = secretSetAt[secretPath] ?? null
    const when = changedAt === null ? '' : `, set at ${changedAt.slice(0, 19).replace('T', ' ')} UTC`
    const what =
      is === undefined ? 'is no longer set' : was === undefined ? `is set now${when}` : `has another value${when}`
    return change({ subject: 'SECRET', label, field: path, changedAt, message: `The secret "${label}" ${what}.` })
  })
}

function typeChanges(before: number | null, { type }: TestSubject): readonly TestChange[] {
  if (before === null || before === type.version) return []
  const [was, is] = [String(before), String(type.version)]
  const message = `Patchbay tests ${type.label} in another way now: version ${is}; before ${was}.`
  return [change({ subject: 'CONNECTOR_TYPE', label: type.label, before: was, after: is, message })]
}

function nodeAt(root: FormTreeNode, segments: readonly string[]): FormTreeNode | undefined {
  let node: FormTreeNode | undefined = root
  for (const segment of segments) node = node && childNode(node, segment)
  return node
}

function valueAt(config: JsonObject, segments: readonly string[]): unknown {
  let value: unknown = config
  for (const segment of segments) {
    value = Array.isArray(value) ? value[Number(segment)] : isRecord(value) ? value[segment] : undefined
  }
  return value
}

/** What a reader may see of a value at a glance: null for nothing, for what is long, and for what may be secret. */
function shownValue(node: FormTreeNode | undefined, value: unknown): string | null {
  if (!node || value === undefined || value === null || node.kind === 'secret') return null
  if (node.kind === 'alternatives') return chosenAlternative(node, value)?.label ?? null
  if (node.kind === 'list' && isLeaf(node.item) && node.item.kind !== 'secret' && Array.isArray(value)) {
    return short(value.join(', '))
  }
  return isLeaf(node) ? short(String(value)) : null
}

const short = (text: string): string | null => (text.length > longestValue || /[\r\n]/.test(text) ? null : text)

import { type FormTreeNode, formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, isRecord, walkValues } from '../../src/connectors/form-tree-walk.ts'
import { issueCertificate } from '../servers/certificates.ts'
import type { TypeFixture } from './type-fixture.ts'

/** One place of a value in a form's input. */
export interface Place {
  readonly node: FormTreeNode
  /** As in the form: `headers.*.value`. */
  readonly path: string
  /** As in the value: `headers.0.value`. */
  readonly segments: readonly string[]
  readonly value: unknown
}

/** What a configuration gives, secrets aside: fields with their values, then optional groups and lists as a whole. */
export function placesIn({ type }: TypeFixture, config: unknown): readonly Place[] {
  const places = [...walkValues(formTree(type.form).root, config)].flatMap(({ node, value, segments }) =>
    value !== undefined && node.kind !== 'secret' && (isLeaf(node) || (!node.required && segments.length > 0))
      ? [{ node, path: node.path, segments, value }]
      : [],
  )
  return [...places.filter(({ node }) => isLeaf(node)), ...places.filter(({ node }) => !isLeaf(node))]
}

const otherRoot = issueCertificate({ commonName: 'Other Root', authority: true })

/** Texts that some form takes somewhere. */
const texts = [
  'other.example.com',
  'other.example.com:7777',
  'us-east-2',
  'AKIAIOSFODNN7ANOTHER',
  'arn:aws:iam::123456789012:role/other',
  otherRoot.certificate,
  'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
  '2',
]

/** Values that a place might have instead, null to clear it; the form decides whether it takes them. */
export function otherValues(
  { otherValues: given = {} }: TypeFixture,
  { node, path, value }: Place,
): readonly unknown[] {
  if (Object.hasOwn(given, path)) return [given[path]]
  const cleared = node.required ? [] : [null]
  switch (node.kind) {
    case 'integer':
      return [Number(value) + 1, Number(value) - 1]
    case 'boolean':
      return [!value]
    case 'choice':
      return Object.keys(node.choices).filter(word => word !== value)
    case 'text':
      return [`${value}x`, ...texts, ...cleared]
    default:
      return cleared
  }
}

/** A patch of `config` that gives one place another value. Lists are replaced whole. */
export function patchAt(config: unknown, [segment, ...rest]: readonly string[], value: unknown): unknown {
  if (segment === undefined) return value
  if (Array.isArray(config)) {
    return config.map((item, index) => (String(index) === segment ? replacedIn(item, rest, value) : item))
  }
  return { [segment]: patchAt(isRecord(config) ? config[segment] : undefined, rest, value) }
}

function replacedIn(item: unknown, segments: readonly string[], value: unknown): unknown {
  const [segment] = segments
  if (segment === undefined) return value
  const patch = patchAt(item, segments, value)
  return isRecord(item) ? { ...item, ...(patch as object) } : patch
}

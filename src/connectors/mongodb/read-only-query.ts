import type { JsonValue } from '../json.ts'
import { isOwnCollection } from './collection-name.ts'
import { readingNames, readingStages, refusedBecause } from './operators.ts'

type Members = { readonly [name: string]: JsonValue }

const membersOf = (value: JsonValue): Members | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null

/**
 * Why a filter, projection or order does more than read, as words that continue "this one ..."; null when it does not.
 * Names decide wherever they stand: what an operator would make of its operand need not be understood.
 */
export function documentRefusal(value: JsonValue): string | null {
  if (Array.isArray(value)) return firstOf(value, documentRefusal)
  const members = membersOf(value)
  if (!members) return null
  return firstOf(Object.entries(members), ([name, operand]) => nameRefusal(name, operand) ?? documentRefusal(operand))
}

/** The same for a pipeline, and for the pipelines within its stages. */
export function pipelineRefusal(stages: JsonValue): string | null {
  if (!Array.isArray(stages)) return 'has a pipeline that is no list of stages'
  return firstOf(stages, stageRefusal)
}

function stageRefusal(stage: JsonValue): string | null {
  const members = membersOf(stage)
  const names = Object.keys(members ?? {})
  const [name] = names
  if (!members || name === undefined || names.length !== 1) return 'has a stage that is no document with one name'
  if (!readingStages.has(name)) return refusedName(name, 'stage')
  return documentRefusal(stage)
}

function nameRefusal(name: string, operand: JsonValue): string | null {
  // The encoder would take it for one of its own values, of any kind.
  if (name === '_bsontype') return 'has a field "_bsontype"'
  if (!name.startsWith('$')) return null
  if (!readingNames.has(name)) return refusedName(name, 'operator')
  switch (name) {
    case '$lookup':
    case '$graphLookup':
      return joinRefusal(name, operand)
    case '$unionWith':
      return typeof operand === 'string' ? collectionRefusal(operand) : unionRefusal(operand)
    case '$facet':
      return firstOf(Object.values(membersOf(operand) ?? {}), pipelineRefusal)
    default:
      return null
  }
}

/** `from` as a document names another database. */
function joinRefusal(name: string, operand: JsonValue): string | null {
  const members = membersOf(operand)
  if (!members) return `uses ${name} without saying from where`
  const { from, pipeline } = members
  if (from !== undefined && typeof from !== 'string') return `reaches into another database (${name})`
  return collectionRefusal(from) ?? (pipeline === undefined ? null : pipelineRefusal(pipeline))
}

function unionRefusal(operand: JsonValue): string | null {
  const { coll, db, pipeline } = membersOf(operand) ?? {}
  if (db !== undefined || (coll !== undefined && typeof coll !== 'string')) {
    return 'reaches into another database ($unionWith)'
  }
  return collectionRefusal(coll) ?? (pipeline === undefined ? null : pipelineRefusal(pipeline))
}

/** Hashes of passwords and other people's queries are in collections too. */
function collectionRefusal(name: string | undefined): string | null {
  return name !== undefined && isOwnCollection(name) ? `reads "${shown(name)}", which MongoDB keeps for itself` : null
}

/** What is quoted may be as long as the whole text. */
const shown = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name)

function refusedName(name: string, what: 'stage' | 'operator'): string {
  const known = Object.hasOwn(refusedBecause, name) ? refusedBecause[name] : undefined
  return `uses ${shown(name)}, ${known ?? `a${what === 'operator' ? 'n' : ''} ${what} that is not known to only read`}`
}

function firstOf<Item>(items: readonly Item[], judge: (item: Item) => string | null): string | null {
  for (const item of items) {
    const reason = judge(item)
    if (reason !== null) return reason
  }
  return null
}

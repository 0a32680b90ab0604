import { BSON, type Document } from 'mongodb'

/** A server's error, as the reply to a command. */
export class MongoRefusal extends Error {
  readonly reply: Document

  constructor(code: number, codeName: string, message: string) {
    super(message)
    this.reply = { ok: 0, errmsg: message, code, codeName }
  }
}

export const badValue = (message: string) => new MongoRefusal(2, 'BadValue', message)

/** The value at a dotted path; undefined when there is none. */
function valueAt(document: unknown, path: string): unknown {
  let value = document
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return undefined
    value = (value as Record<string, unknown>)[part]
  }
  return value
}

/** Values as they are compared: numbers of every width alike, everything else by what it looks like. */
const comparable = (value: unknown): number | string =>
  typeof value === 'number' ? value : value instanceof Date ? value.getTime() : BSON.EJSON.stringify([value ?? null])

const same = (a: unknown, b: unknown) => comparable(a) === comparable(b)

const operators: Readonly<Record<string, (value: unknown, operand: unknown) => boolean>> = {
  $eq: same,
  $ne: (value, operand) => !same(value, operand),
  $gt: (value, operand) => value !== undefined && comparable(value) > comparable(operand),
  $gte: (value, operand) => value !== undefined && comparable(value) >= comparable(operand),
  $lt: (value, operand) => value !== undefined && comparable(value) < comparable(operand),
  $lte: (value, operand) => value !== undefined && comparable(value) <= comparable(operand),
  $in: (value, operand) => (operand as unknown[]).some(each => same(value, each)),
  $exists: (value, operand) => (value !== undefined) === Boolean(operand),
}

/** Whether a document satisfies a filter, of which the double knows the plainest operators. Throws `MongoRefusal`. */
export function matches(document: Document, filter: Document): boolean {
  return Object.entries(filter).every(([key, condition]) => {
    if (key === '$and') return (condition as Document[]).every(each => matches(document, each))
    if (key === '$or') return (condition as Document[]).some(each => matches(document, each))
    if (key === '$comment') return true
    if (key.startsWith('$')) throw badValue(`unknown top level operator: ${key}`)
    const value = valueAt(document, key)
    if (!isOperators(condition)) return same(value, condition)
    return Object.entries(condition).every(([name, operand]) => {
      const operator = operators[name]
      if (!operator) throw badValue(`unknown operator: ${name}`)
      return operator(value, operand)
    })
  })
}

const isOperators = (value: unknown): value is Document =>
  value !== null &&
  typeof value === 'object' &&
  Object.getPrototypeOf(value) === Object.prototype &&
  Object.keys(value).some(key => key.startsWith('$'))

/** Only the fields asked for, or all but those that are not; dotted names are taken whole. */
export function project(document: Document, projection: Document): Document {
  const entries = Object.entries(projection)
  if (entries.length === 0) return document
  const wanted = entries.filter(([, value]) => Boolean(value)).map(([key]) => key)
  const unwanted = new Set(entries.filter(([, value]) => !value).map(([key]) => key))
  const keep = (key: string) =>
    wanted.length === 0 ? !unwanted.has(key) : wanted.includes(key) || (key === '_id' && !unwanted.has('_id'))
  return Object.fromEntries(Object.entries(document).filter(([key]) => keep(key)))
}

export function sorted(documents: readonly Document[], order: Document): Document[] {
  const keys = Object.entries(order)
  return [...documents].sort((a, b) => {
    for (const [key, direction] of keys) {
      const [left, right] = [comparable(valueAt(a, key)), comparable(valueAt(b, key))]
      if (left !== right) return left < right ? -Number(direction) : Number(direction)
    }
    return 0
  })
}

// biome-ignore lint/suspicious/noExplicitAny: each stage has a parameter of its own shape.
type Stage = (documents: readonly Document[], given: any) => readonly Document[]

const stages: Readonly<Record<string, Stage>> = {
  $match: (documents, filter: Document) => documents.filter(each => matches(each, filter)),
  $project: (documents, projection: Document) => documents.map(each => project(each, projection)),
  $sort: (documents, order: Document) => sorted(documents, order),
  $limit: (documents, count: number) => documents.slice(0, count),
  $skip: (documents, count: number) => documents.slice(count),
  $sample: (documents, { size }: { size: number }) => documents.slice(0, size),
  $count: (documents, name: string) => (documents.length === 0 ? [] : [{ [name]: documents.length }]),
  $group: (documents, { _id: key, ...counters }: Document) => {
    const groups = new Map<number | string, { readonly key: unknown; readonly members: Document[] }>()
    for (const document of documents) {
      const value = typeof key === 'string' ? valueAt(document, key.slice(1)) : key
      const group = groups.get(comparable(value)) ?? { key: value, members: [] as Document[] }
      groups.set(comparable(value), group)
      group.members.push(document)
    }
    return [...groups.values()].map(group => ({
      _id: group.key,
      ...Object.fromEntries(Object.keys(counters).map(name => [name, group.members.length])),
    }))
  },
}

/** What a pipeline makes of documents; `$group` only counts. Throws `MongoRefusal`. */
export function aggregate(documents: readonly Document[], pipeline: readonly Document[]): readonly Document[] {
  return pipeline.reduce<readonly Document[]>((left, stage) => {
    const [[name, given] = ['', undefined]] = Object.entries(stage)
    const run = stages[name]
    if (!run) throw new MongoRefusal(40324, 'Location40324', `Unrecognized pipeline stage name: '${name}'`)
    return run(left, given)
  }, documents)
}

import type { TextIssue } from '../text-checks.ts'

/** What runs statements: a SQL warehouse, or a cluster that serves everything. */
export type Compute =
  | { readonly kind: 'WAREHOUSE'; readonly id: string; readonly path: string }
  /** `workspace`: the number of the workspace that it is of; `0` for that of the host. */
  | { readonly kind: 'CLUSTER'; readonly id: string; readonly path: string; readonly workspace: string }

const warehouse = /^\/sql\/1\.0\/(?:warehouses|endpoints)\/([0-9a-f]{8,32})$/
const cluster = /^\/?sql\/protocolv1\/o\/(\d{1,20})\/([0-9a-z-]{8,64})$/

/** The compute that a path leads to; null where it leads to none. */
export function readHttpPath(path: string): Compute | null {
  const [, warehouseId] = warehouse.exec(path) ?? []
  if (warehouseId !== undefined) return { kind: 'WAREHOUSE', id: warehouseId, path }
  const [, workspace, id] = cluster.exec(path) ?? []
  if (workspace === undefined || id === undefined) return null
  return { kind: 'CLUSTER', id, path: `/${path.replace(/^\//, '')}`, workspace }
}

const usual = 'Give the HTTP path from the connection details, such as "/sql/1.0/warehouses/0123456789abcdef".'

/** What is wrong with a path as typed, and what was probably meant; null when nothing is. */
export function httpPathIssue(text: string): TextIssue | null {
  if (readHttpPath(text) !== null) return null
  const [, named] = /(?:httpPath=)?(\/?sql\/(?:1\.0|protocolv1)\/[^\s;?#]*)/i.exec(text) ?? []
  const [, console] = /\/sql\/warehouses\/([0-9a-f]{8,32})/.exec(text) ?? []
  const id = /^\s*([0-9a-f]{16})\s*$/.exec(text)?.[1] ?? console
  const path = id === undefined ? named?.replace(/\/+$/, '') : `/sql/1.0/warehouses/${id}`
  const meant = path === undefined || path.startsWith('/') || path.startsWith('sql/protocolv1') ? path : `/${path}`
  return meant !== undefined && readHttpPath(meant) !== null
    ? { message: usual, suggestion: meant }
    : { message: usual }
}

import { type BackendRequest, namesOf, secondsOf, type VaultBackend, type VaultFields } from './vault-backend.ts'
import { answered, done, nothingThere, unsupported, VaultRefusal, type VaultReply } from './vault-replies.ts'

interface Version {
  readonly createdAt: number
  deletedAt: number | null
  destroyed: boolean
  /** JSON, so that nobody changes what was written. */
  data: string | null
}

interface Limits {
  maxVersions: number
  casRequired: boolean
  deleteAfterSeconds: number
}

interface Key extends Limits {
  readonly versions: Map<number, Version>
  readonly createdAt: number
  updatedAt: number
  current: number
  oldest: number
  custom: object | null
  metadataVersion: number
}

const defaultMaxVersions = 10
const timeOf = (at: number | null): string => (at === null ? '' : new Date(at).toISOString())
const isObject = (value: unknown): value is VaultFields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A KV secrets engine, version 2, as HashiCorp Vault and OpenBao document it and `path_data.go` does it. */
export class KvEngine implements VaultBackend {
  readonly #keys = new Map<string, Key>()
  readonly #limits: Limits = { maxVersions: 0, casRequired: false, deleteAfterSeconds: 0 }
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Every path that anything is known of, deleted and destroyed versions too. */
  get paths(): readonly string[] {
    return [...this.#keys.keys()].sort()
  }

  /** What a version holds; null where there is nothing (any more). */
  peek(path: string, version = 1): VaultFields | null {
    const found = this.#keys.get(path)?.versions.get(version)
    return found && this.#isReadable(found) ? JSON.parse(found.data ?? 'null') : null
  }

  /** As a backup restored from before it was written, or an operator's mistake, would. */
  lose(path: string): void {
    this.#keys.delete(path)
  }

  exists(path: string): boolean | null {
    const { area, key } = parts(path)
    return area === 'data' || area === 'metadata' ? this.#keys.has(key) : null
  }

  handle(request: BackendRequest): VaultReply {
    const { area, key } = parts(request.path)
    const { operation, fields } = request
    switch (area) {
      case 'data':
        if (operation === 'read') return this.#read(key, request.query)
        if (operation === 'delete') return this.#softDelete(key, [this.#keys.get(key)?.current ?? 0])
        if (operation === 'list') return unsupported()
        if (operation === 'patch') return this.#patch(key, request)
        return this.#write(key, fields)
      case 'delete':
        return this.#onVersions(request, versions => this.#softDelete(key, versions))
      case 'undelete':
        return this.#onVersions(request, versions => this.#undelete(key, versions))
      case 'destroy':
        return this.#onVersions(request, versions => this.#destroy(key, versions))
      case 'metadata':
        if (operation === 'list') return this.#list(key, request.query)
        if (operation === 'read') return this.#describe(key)
        if (operation === 'delete') return this.#forget(key)
        return operation === 'patch' ? unsupported() : this.#set(key, fields)
      case 'config':
        if (operation === 'read') return answered(described(this.#limits))
        return operation === 'update' ? this.#configure(this.#limits, fields) : unsupported()
      default:
        throw new VaultRefusal(404, 'unsupported path')
    }
  }

  #isReadable({ destroyed, deletedAt }: Version): boolean {
    return !destroyed && (deletedAt === null || deletedAt > this.#now())
  }

  #read(path: string, query: URLSearchParams): VaultReply {
    const asked = query.get('version') ?? '0'
    if (!/^\d+$/.test(asked)) {
      throw new VaultRefusal(
        400,
        `Field validation failed: error converting input for field "version": '' cannot parse value as 'int': strconv.ParseInt: invalid syntax`,
      )
    }
    const key = this.#keys.get(path)
    const number = Number(asked) || (key?.current ?? 0)
    const version = key?.versions.get(number)
    if (!key || !version) return nothingThere
    const readable = this.#isReadable(version)
    const data = readable ? JSON.parse(version.data ?? 'null') : null
    return answered({ data, metadata: versionMetadata(key, number, version) }, readable ? 200 : 404)
  }

  #write(path: string, fields: VaultFields): VaultReply {
    if (!('data' in fields)) throw new VaultRefusal(400, 'no data provided')
    const data = fields['data'] ?? {}
    if (!isObject(data)) {
      const kind = Array.isArray(data) ? '[]interface {}' : typeof data
      throw new VaultRefusal(
        400,
        `error converting input for field "data": '' expected type 'map[string]interface {}', got unconvertible type '${kind}'`,
      )
    }
    this.#checkVersion(this.#keys.get(path), fields)
    return this.#add(path, data)
  }

  #patch(path: string, { fields, contentType }: BackendRequest): VaultReply {
    if (!contentType.startsWith('application/merge-patch+json')) {
      throw new VaultRefusal(
        415,
        `PATCH requires Content-Type of application/merge-patch+json, provided ${contentType || 'none'}`,
      )
    }
    const patch = fields['data']
    if (!isObject(patch)) throw new VaultRefusal(400, 'no data provided')
    const key = this.#keys.get(path)
    const version = key?.versions.get(key.current)
    if (!key || !version) return { status: 404 }
    this.#checkVersion(key, fields)
    if (!this.#isReadable(version)) return answered(versionMetadata(key, key.current, version), 404)
    return this.#add(path, merged(JSON.parse(version.data ?? '{}'), patch))
  }

  #checkVersion(key: Key | undefined, fields: VaultFields): void {
    const { cas } = isObject(fields['options']) ? fields['options'] : {}
    if (cas === undefined) {
      if (!this.#limits.casRequired && !key?.casRequired) return
      throw new VaultRefusal(400, 'check-and-set parameter required for this call')
    }
    if (!/^-?\d+$/.test(String(cas))) throw new VaultRefusal(400, 'error parsing check-and-set parameter')
    if (Number(cas) !== (key?.current ?? 0)) {
      throw new VaultRefusal(400, 'check-and-set parameter did not match the current version')
    }
  }

  #add(path: string, data: unknown): VaultReply {
    const now = this.#now()
    const key = this.#keys.get(path) ?? this.#newKey(path)
    const delays = [key.deleteAfterSeconds, this.#limits.deleteAfterSeconds].filter(seconds => seconds > 0)
    const deletedAt = delays.length > 0 ? now + Math.min(...delays) * 1_000 : null
    const version = { createdAt: now, deletedAt, destroyed: false, data: JSON.stringify(data) }
    key.current += 1
    key.updatedAt = now
    key.versions.set(key.current, version)
    const beyond = key.current - (key.maxVersions || this.#limits.maxVersions || defaultMaxVersions)
    for (const number of key.versions.keys()) if (number <= beyond) key.versions.delete(number)
    if (beyond > 0) key.oldest = beyond + 1
    return answered(versionMetadata(key, key.current, version))
  }

  #newKey(path: string): Key {
    const now = this.#now()
    const key: Key = {
      versions: new Map(),
      createdAt: now,
      updatedAt: now,
      current: 0,
      oldest: 0,
      custom: null,
      metadataVersion: 0,
      maxVersions: 0,
      casRequired: false,
      deleteAfterSeconds: 0,
    }
    this.#keys.set(path, key)
    return key
  }

  #onVersions({ operation, fields }: BackendRequest, act: (versions: readonly number[]) => void): VaultReply {
    if (operation !== 'update') return unsupported()
    const versions = namesOf(fields, 'versions').map(Number)
    if (versions.length === 0) throw new VaultRefusal(400, 'no version number provided')
    act(versions)
    return done
  }

  #softDelete(path: string, versions: readonly number[]): VaultReply {
    for (const version of this.#found(path, versions)) if (this.#isReadable(version)) version.deletedAt = this.#now()
    return done
  }

  #undelete(path: string, versions: readonly number[]): void {
    for (const version of this.#found(path, versions)) if (!version.destroyed) version.deletedAt = null
  }

  #destroy(path: string, versions: readonly number[]): void {
    for (const version of this.#found(path, versions)) {
      version.destroyed = true
      version.data = null
    }
  }

  #found(path: string, versions: readonly number[]): readonly Version[] {
    const key = this.#keys.get(path)
    return versions.flatMap(number => key?.versions.get(number) ?? [])
  }

  #list(path: string, query: URLSearchParams): VaultReply {
    const prefix = path === '' ? '' : `${path}/`
    const below = [...this.#keys.keys()].filter(key => key.startsWith(prefix)).map(key => key.slice(prefix.length))
    const names = new Set(below.map(key => (key.includes('/') ? key.slice(0, key.indexOf('/') + 1) : key)))
    const after = query.get('after') ?? ''
    const limit = Number(query.get('limit')) || Number.POSITIVE_INFINITY
    const keys = [...names].sort().filter(name => name > after)
    return keys.length === 0 ? nothingThere : answered({ keys: keys.slice(0, limit) })
  }

  #describe(path: string): VaultReply {
    const key = this.#keys.get(path)
    if (!key) return nothingThere
    const versions = [...key.versions].map(([number, { createdAt, deletedAt, destroyed }]) => [
      number,
      { created_time: timeOf(createdAt), deletion_time: timeOf(deletedAt), destroyed },
    ])
    return answered({
      ...described(key),
      created_time: timeOf(key.createdAt),
      current_metadata_version: key.metadataVersion,
      current_version: key.current,
      custom_metadata: key.custom,
      oldest_version: key.oldest,
      updated_time: timeOf(key.updatedAt),
      versions: Object.fromEntries(versions),
    })
  }

  /** From now on versions are counted from 1 again. */
  #forget(path: string): VaultReply {
    this.#keys.delete(path)
    return done
  }

  #set(path: string, fields: VaultFields): VaultReply {
    const key = this.#keys.get(path) ?? this.#newKey(path)
    key.metadataVersion += 1
    if (isObject(fields['custom_metadata'])) key.custom = fields['custom_metadata']
    return this.#configure(key, fields)
  }

  #configure(limits: Limits, fields: VaultFields): VaultReply {
    if ('max_versions' in fields) limits.maxVersions = Number(fields['max_versions'])
    if ('cas_required' in fields) limits.casRequired = Boolean(fields['cas_required'])
    if ('delete_version_after' in fields) limits.deleteAfterSeconds = secondsOf(fields, 'delete_version_after')
    return done
  }
}

function parts(path: string): { readonly area: string; readonly key: string } {
  const [area = '', ...rest] = path.split('/')
  return { area, key: rest.join('/').replace(/\/$/, '') }
}

const versionMetadata = (key: Key, version: number, { createdAt, deletedAt, destroyed }: Version): object => ({
  created_time: timeOf(createdAt),
  custom_metadata: key.custom,
  deletion_time: timeOf(deletedAt),
  destroyed,
  version,
})

const described = ({ maxVersions, casRequired, deleteAfterSeconds }: Limits): object => ({
  cas_required: casRequired,
  delete_version_after: duration(deleteAfterSeconds),
  max_versions: maxVersions,
  metadata_cas_required: false,
})

/** As Go writes it. */
function duration(seconds: number): string {
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  return `${hours > 0 ? `${hours}h` : ''}${hours + minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`
}

/** JSON merge patch (RFC 7396). */
function merged(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const entries = new Map(Object.entries(isObject(target) ? target : {}))
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) entries.delete(name)
    else entries.set(name, merged(entries.get(name), value))
  }
  return Object.fromEntries(entries)
}

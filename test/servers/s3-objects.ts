import { createHash } from 'node:crypto'

/** What an object holds, in memory or made up as it is asked for. */
export interface S3Content {
  readonly size: number
  /** The bytes from `start` to before `end`, in pieces. */
  bytes(start: number, end: number): Iterable<Buffer>
}

const pieceBytes = 65_536

/** Small enough to be kept. */
export function contentOf(given: string | Uint8Array): S3Content {
  const all = Buffer.from(given as string)
  return {
    size: all.length,
    *bytes(start, end) {
      for (let at = start; at < end; at += pieceBytes) yield all.subarray(at, Math.min(end, at + pieceBytes))
    },
  }
}

/** `head`, then `part` again and again up to `size` bytes, which are nowhere in memory. */
export function repeatedContent(part: string | Uint8Array, size: number, head: string | Uint8Array = ''): S3Content {
  const first = Buffer.from(head as string)
  const unit = Buffer.from(part as string)
  const block = Buffer.concat(Array<Buffer>(Math.ceil(pieceBytes / unit.length)).fill(unit))
  return {
    size,
    *bytes(start, end) {
      let at = start
      while (at < end) {
        const piece = at < first.length ? first.subarray(at) : block.subarray((at - first.length) % unit.length)
        const taken = piece.subarray(0, end - at)
        yield taken
        at += taken.length
      }
    },
  }
}

export interface S3ObjectOptions {
  /** `GLACIER`, `DEEP_ARCHIVE` and `INTELLIGENT_TIERING` with `isArchived` cannot be read; STANDARD when left out. */
  readonly storageClass?: string
  readonly isArchived?: boolean
  /** What listings say instead of its size. */
  readonly listedSize?: number
  /** What an entity tag is made of, beside the content: another one stands for another version of it. */
  readonly version?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface S3Object extends S3ObjectOptions {
  readonly key: string
  readonly content: S3Content
  /** In quotes. */
  readonly etag: string
  readonly lastModified: Date
}

const archives = ['GLACIER', 'DEEP_ARCHIVE']

export const isArchived = ({ storageClass = 'STANDARD', isArchived: archived }: S3Object): boolean =>
  archived ?? archives.includes(storageClass)

/** As S3 sorts keys: by their bytes, which is not how JavaScript sorts texts. */
export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The objects of one bucket. */
export class S3Objects {
  readonly #objects = new Map<string, S3Object>()
  #sorted: readonly S3Object[] | null = null

  put(key: string, content: S3Content | string | Uint8Array, options: S3ObjectOptions = {}): S3Object {
    const held = typeof content === 'string' || content instanceof Uint8Array ? contentOf(content) : content
    const object: S3Object = {
      ...options,
      key,
      content: held,
      etag: `"${etagOf(key, held, options.version ?? 0)}"`,
      lastModified: new Date('2026-11-01T10:00:00.000Z'),
    }
    this.#objects.set(key, object)
    this.#sorted = null
    return object
  }

  get(key: string): S3Object | undefined {
    return this.#objects.get(key)
  }

  delete(key: string): void {
    this.#objects.delete(key)
    this.#sorted = null
  }

  /** In the order of listings, those that begin with `prefix` and come after `after`. */
  *list(prefix: string, after: string): Generator<S3Object> {
    this.#sorted ??= [...this.#objects.values()].sort((a, b) => byBytes(a.key, b.key))
    for (const object of this.#sorted) {
      if (object.key.startsWith(prefix) && (after === '' || byBytes(object.key, after) > 0)) yield object
    }
  }
}

function etagOf(key: string, { size, bytes }: S3Content, version: number): string {
  const hash = createHash('md5').update(`${key} ${size} ${version} `)
  for (const piece of bytes(0, Math.min(size, pieceBytes))) hash.update(piece)
  return hash.digest('hex')
}

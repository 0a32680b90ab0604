import { writeSync } from 'node:fs'
import { connect } from 'node:net'
import type { BrowseContext, BrowseModule, CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import { encodeFrame } from '../../../src/connectors/host/frames.ts'
import { problem } from '../../../src/connectors/problem.ts'

const never = () => new Promise<never>(() => {})
const table = (name: string): CatalogEntry => ({ name, kind: 'TABLE', hasChildren: false })
const page = <Item>(items: readonly Item[], next: string | null = null): Listing<Item> => ({
  items,
  next,
  problem: null,
})
/** Claims this listing as the end of the first job, straight to the channel. */
const claim = (listing: object, more: object = {}) => {
  writeSync(3, encodeFrame({ kind: 'LISTING_DONE', jobId: 1, listing, leftovers: false, ...more }))
  return never()
}
const claims = (items: unknown, change: object = {}) => claim({ items, next: null, problem: null, ...change })

const words = 'so many words \u001b[31m'.repeat(100_000)
const wordy = { ...problem('UNCLASSIFIED', { detail: words, params: { words } }), message: words }

const aborted = ({ signal }: BrowseContext) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))

/** What a source has, or does, by the first name of the path that is asked for. */
const catalogs: { readonly [name: string]: (context: BrowseContext, first: number) => Promise<Listing<CatalogEntry>> } =
  {
    tables: async (_context, first) => page([table('one'), table('two')].slice(0, first), first < 2 ? 'two' : null),
    full: async () => {
      const entry: CatalogEntry = {
        name: 'orders',
        kind: 'TABLE',
        nativeKind: 'BASE TABLE',
        hasChildren: true,
        comment: 'What was ordered.',
        sizeBytes: 8_192,
        query: { sql: { text: 'SELECT 1' } },
      }
      const column = { nativeType: 'int4', type: 'INTEGER', isNullable: false } as const
      return {
        items: [
          entry,
          { name: 'id', kind: 'COLUMN', hasChildren: false, column },
          { ...table('locked'), problem: problem('PERMISSION_DENIED') },
        ],
        next: 'id',
        problem: problem('UNCLASSIFIED', { detail: 'some shards are down' }),
      }
    },
    fails: async () => ({ items: [], next: null, problem: problem('OBJECT_NOT_FOUND') }),
    throws: async () => {
      throw Object.assign(new Error('the catalog is bent'), { code: 'EBENT' })
    },
    waits: aborted,
    hangs: never,
    spins: async () => {
      for (;;);
    },
    pid: async () => page([table(String(process.pid))]),
    dials: async () => {
      const socket = connect(1, '127.0.0.1')
      await new Promise((_, reject) => socket.once('error', reject))
      throw new Error('It was let through.')
    },
    saysTooMuch: async () => ({
      items: Array.from({ length: 100 }, (_, index) => ({
        ...table(`${index} ${'\u0001'.repeat(1_000)}`),
        nativeKind: words,
        comment: words,
        column: { nativeType: words, type: 'TEXT' as const },
        query: { sql: 'x'.repeat(8_000) },
        sizeBytes: Number.MAX_SAFE_INTEGER,
        problem: wordy,
      })),
      next: '\u0001'.repeat(2_000),
      problem: wordy,
    }),
    longName: async () => page([table('short'), table('n'.repeat(1_025)), table('')]),
    longNext: async () => page([table('short')], 'n'.repeat(2_001)),
    longQuery: async () => page([{ ...table('short'), query: { sql: 'x'.repeat(9_000) } }]),
    oddSize: async () => page([{ ...table('short'), sizeBytes: -1 }]),
    tooMany: async (_context, first) => page(Array.from({ length: first + 1 }, (_, index) => table(String(index)))),

    claimsTooMany: (_context, first) => claims(Array.from({ length: first + 1 }, () => table('x'))),
    claimsOptions: () => claims([{ value: 'x' }]),
    claimsMixture: () => claims([table('x'), { value: 'x' }]),
    claimsLongName: () => claims([table('n'.repeat(1_025))]),
    claimsNoName: () => claims([table('')]),
    claimsLongNext: () => claims([], { next: 'n'.repeat(2_001) }),
    claimsUnknownKind: () => claims([{ ...table('x'), kind: 'SHELL' }]),
    claimsUnknownType: () => claims([{ ...table('x'), column: { nativeType: 'x', type: 'SHELL' } }]),
    claimsMore: () => claims([{ ...table('x'), secret: 1 }]),
    claimsEndlessComment: () => claims([{ ...table('x'), comment: 'x'.repeat(20_000) }]),
    claimsLargeQuery: () => claims([{ ...table('x'), query: { sql: 'x'.repeat(9_000) } }]),
    claimsDeepQuery: () =>
      claims([{ ...table('x'), query: { deep: JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`) } }]),
    claimsListAsQuery: () => claims([{ ...table('x'), query: [1] }]),
    claimsHalfASize: () => claims([{ ...table('x'), sizeBytes: 0.5 }]),
    claimsLargeProblem: () =>
      claims([{ ...table('x'), problem: { ...wordy, message: 'm', params: { a: 'x'.repeat(9_000) } } }]),
    claimsNoProblem: () => claims([{ ...table('x'), problem: { code: 'NONE' } }]),
    claimsOtherJob: () => claim({ items: [], next: null, problem: null }, { jobId: 2 }),
    claimsQuery: () => {
      writeSync(
        3,
        encodeFrame({ kind: 'QUERY_DONE', jobId: 1, end: { kind: 'COMPLETE', truncated: false }, leftovers: false }),
      )
      return never()
    },
    claimsMegabytes: () => {
      writeSync(3, Buffer.from([0x00, 0x41, 0x00, 0x00]))
      return never()
    },
  }

const options: { readonly [field: string]: () => Promise<Listing<FieldOption>> } = {
  names: async () => page([{ value: 'a1', label: 'Alpha', help: 'stopped' }, { value: 'b2' }]),
  claimsEntries: () => claims([table('x')]),
}

export const madeUpBrowse: BrowseModule<unknown> = {
  listOptions: (_config, field) => (options[field] ?? never)(),
  listCatalog: (_config, [name = 'tables'], { first }, context) => (catalogs[name] ?? never)(context, first),
}

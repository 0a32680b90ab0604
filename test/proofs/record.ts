import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Proof, ProofSource } from './proves.ts'

/** What proves each problem of each connector type: `{ POSTGRES: { HOST_NOT_FOUND: ['DOUBLE'] } }`. Sorted, each once. */
export interface ProofRecord {
  readonly [typeName: string]: { readonly [code: string]: readonly ProofSource[] }
}

/** The committed records: of `npm test`, and of the runs against servers that have to be installed first. */
export const recordNames = ['unit', 'interop'] as const
export type RecordName = (typeof recordNames)[number]

export const recordFile = (name: RecordName): string => fileURLToPath(new URL(`./${name}.json`, import.meta.url))

export function readRecord(name: RecordName): ProofRecord {
  // Written by `formatRecord`.
  return JSON.parse(readFileSync(recordFile(name), 'utf8')) as ProofRecord
}

/** The strongest first, as the page lists them. */
export const proofSources: readonly ProofSource[] = ['REAL_SERVER', 'PUBLIC_IMPLEMENTATION', 'DOUBLE']

/** Reports problems on demand, and so proves nothing about any of them. */
export const simulated = 'SIMULATOR'

export function toRecord(proofs: readonly Proof[]): ProofRecord {
  const real = proofs.filter(proof => proof.typeName !== simulated)
  const names = [...new Set(real.map(proof => proof.typeName))].sort()
  return Object.fromEntries(
    names.map(typeName => {
      const own = real.filter(proof => proof.typeName === typeName)
      const codes = [...new Set(own.map(proof => proof.code))].sort()
      const sourcesOf = (code: string) =>
        proofSources.filter(source => own.some(proof => proof.code === code && proof.by === source))
      return [typeName, Object.fromEntries(codes.map(code => [code, sourcesOf(code)]))]
    }),
  )
}

export function proofsOf(record: ProofRecord): Proof[] {
  return Object.entries(record).flatMap(([typeName, codes]) =>
    // Only codes are ever recorded.
    Object.entries(codes).flatMap(([code, sources]) => sources.map(by => ({ typeName, code, by }) as Proof)),
  )
}

export const unite = (...records: readonly ProofRecord[]): ProofRecord => toRecord(records.flatMap(proofsOf))

/** The proofs of one record that another lacks, each as one line. */
export function missingIn(record: ProofRecord, other: ProofRecord): string[] {
  return proofsOf(record)
    .filter(({ typeName, code, by }) => !other[typeName]?.[code]?.includes(by))
    .map(({ typeName, code, by }) => `${typeName} ${code} by ${by}`)
}

/** As the formatter writes it. */
export function formatRecord(record: ProofRecord): string {
  const types = Object.entries(record).map(([typeName, codes]) => {
    const lines = Object.entries(codes).map(
      ([code, sources]) => `    "${code}": [${sources.map(source => `"${source}"`).join(', ')}]`,
    )
    return `  "${typeName}": {\n${lines.join(',\n')}\n  }`
  })
  return types.length === 0 ? '{}\n' : `{\n${types.join(',\n')}\n}\n`
}

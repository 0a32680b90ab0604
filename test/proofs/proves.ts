import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where suites note what they have proved; undefined when nobody collects it. */
    proofsDirectory: string | undefined
  }
}

/**
 * What stood at the other end when a problem was seen: the product itself, another public implementation of its
 * protocol, or a double of ours that behaves as the product was documented or measured to.
 */
export type ProofSource = 'REAL_SERVER' | 'PUBLIC_IMPLEMENTATION' | 'DOUBLE'

export interface Proof {
  /** Connector type, or `ANY` for what no type has a part in. */
  readonly typeName: string
  readonly code: ProblemCode
  readonly by: ProofSource
}

/** Notes, after the assertion, that this test has seen `code` reported. The page of problems says what proves each. */
export function proves(typeName: string, code: ProblemCode, by: ProofSource): void {
  const directory = inject('proofsDirectory')
  if (directory === undefined) return
  const proof: Proof = { typeName, code, by }
  appendFileSync(join(directory, `${process.pid}.jsonl`), `${JSON.stringify(proof)}\n`)
}

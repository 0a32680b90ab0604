import type { SignInAccount } from './define.ts'
import { type ProblemCode, type ProblemDefinition, problemTable } from './problem-table.ts'

/** The step whose account a server has counted a failed sign-in for, when a run ended with this problem. */
export function failedSignIn(code: ProblemCode): SignInAccount['step'] | null {
  const definition: ProblemDefinition = problemTable[code]
  return definition.failedSignIn ?? null
}

import { readFileSync } from 'node:fs'
import type { Recorder } from '../canary/recorder.ts'
import type { DoubleWorld } from '../secrets/vault/double-world.ts'

/** Has the search after the run look for everything that has opened the double so far, or would. */
export function listVaultCredentials(recorder: Recorder, { double, settings: { signIn } }: DoubleWorld): void {
  if (signIn.method === 'kubernetes') {
    recorder.searchFor('a token of a service account', readFileSync(signIn.jwtFile, 'utf8').trim())
  }
  const tokens = new Set(double.records.flatMap(({ token }) => token ?? []))
  for (const token of tokens) recorder.searchFor('a token of Vault', token)
}

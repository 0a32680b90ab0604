import type { TestGate } from '../services/connectors.ts'

/** The extension `dialsOut` of a root field that connects to data sources: always, or when it is given such arguments. */
export type DialsOut = true | ((args: Readonly<Record<string, unknown>>) => boolean)

/** Saving connects only to run the test that it depends on. */
export const dialsOutToTest: DialsOut = args => {
  // The argument of both mutations that save a connector, which the language has checked.
  const { testGate, testId } = args['input'] as { readonly testGate: TestGate; readonly testId?: string | null }
  return testGate === 'REQUIRE_PASS' && testId == null
}

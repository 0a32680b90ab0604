import { defineConfig } from 'vitest/config'
import { oneGraphql, retry } from './test/vitest-shared.ts'

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    // What the suites prove is compared with the record after the last one. Before that, because the last is the first
    // to end, everything is searched for leaked secrets. Either fails the run.
    globalSetup: ['./test/proofs/unit-setup.ts', './test/canary/global-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // Suites start real servers; two cores do not serve more of them at once.
    maxWorkers: 2,
    pool: 'forks',
    retry,
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

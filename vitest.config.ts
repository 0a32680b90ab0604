import { defineConfig } from 'vitest/config'
import { oneGraphql } from './test/vitest-shared.ts'

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/interop/**'],
    // Looks for leaked secrets after the last suite, and fails the run when it finds one.
    globalSetup: ['./test/canary/global-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    // Suites start real servers; two cores do not serve more of them at once.
    maxWorkers: 2,
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})

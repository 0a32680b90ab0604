import { defineConfig } from 'vitest/config'
import { oneGraphql, retry } from './test/vitest-shared.ts'

export default defineConfig({
  resolve: { alias: [oneGraphql] },
  test: {
    include: ['test/interop/**/*.test.ts'],
    globalSetup: ['./test/proofs/interop-setup.ts'],
    reporters: ['default', './test/summary-reporter.ts'],
    fileParallelism: false,
    pool: 'forks',
    retry,
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
})

import { defineConfig } from 'vitest/config'

/** A run of its own, which must fail: its only suite passes, and leaves a secret in an answer. */
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['leak.ts'],
    globalSetup: ['../global-setup.ts'],
    pool: 'forks',
  },
})

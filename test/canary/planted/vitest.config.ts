import { defineConfig } from 'vitest/config'

/** A run of its own, which must fail: its only suite passes, and leaves a secret in an answer. */
// biome-ignore lint/style/noDefaultExport: vitest wants its configuration so.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['leak.ts'],
    globalSetup: ['../global-setup.ts'],
    pool: 'forks',
  },
})

import { defineConfig } from 'vitest/config'

/** A run of its own, in which next to nothing is proved: whole, it must fail; in part, it must not. */
// biome-ignore lint/style/noDefaultExport: vitest wants its configuration so.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['*-proof.ts'],
    globalSetup: ['../unit-setup.ts'],
    pool: 'forks',
  },
})

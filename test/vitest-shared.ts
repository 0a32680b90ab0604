import { createRequire } from 'node:module'

/**
 * Vite prefers a package's `module` entry, Node its `main`: without this, the tests' graphql and the one that the
 * libraries use would be two, and schemas of one are refused by the other.
 */
export const oneGraphql = { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }

/**
 * Continuous integration runs suites of real servers on two busy cores. There a test that has failed is tried once more,
 * and the run's end names every one that has needed it, so that none is unsteady in silence.
 */
export const retry = process.env['CI'] === 'true' ? 1 : 0

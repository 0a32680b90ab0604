import { createRequire } from 'node:module'

/**
 * Vite prefers a package's `module` entry, Node its `main`: without this, the tests' graphql and the one that the
 * libraries use would be two, and schemas of one are refused by the other.
 */
export const oneGraphql = { find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }

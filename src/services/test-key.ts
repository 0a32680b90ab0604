import type { TestAddress } from '../db/connection-test-store.ts'

/** Names a test among those of all workspaces, as its id alone does not: in memory, and in wake-ups. */
export type TestKey = `${string}:${string}`

export const testKey = ({ workspace, id }: TestAddress): TestKey => `${workspace.id}:${id}`

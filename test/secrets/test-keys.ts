import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadMasterKey, type MasterKey } from '../../src/secrets/master-key.ts'

/** A master key of its own. */
export async function newMasterKey(): Promise<MasterKey> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-key-'))
  try {
    return await loadMasterKey({ file: null, dataDirectory, production: false })
  } finally {
    await rm(dataDirectory, { recursive: true })
  }
}

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { SecretStoresError } from '../open-secret-stores.ts'

/** The certificates of a PEM file, in its order. Throws `SecretStoresError`, whose message is for the operator. */
export async function readAuthorities(file: string): Promise<readonly string[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new SecretStoresError(`VAULT_CACERT is "${file}", which cannot be read (${error.code ?? 'unknown error'}).`)
  })
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0) throw new SecretStoresError(`VAULT_CACERT is "${file}", which holds no certificates (PEM).`)
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block).toString()
    } catch {
      throw new SecretStoresError(`VAULT_CACERT is "${file}", whose certificate ${index + 1} cannot be read.`)
    }
  })
}

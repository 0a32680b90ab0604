import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A certificate for 127.0.0.1 that is its own authority, and its key, both PEM. */
export async function selfSignedCertificate(): Promise<{ readonly certificate: string; readonly key: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-certificate-'))
  try {
    const [key, certificate] = [join(directory, 'key'), join(directory, 'certificate')]
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '90']
    const names = ['-subj', '/CN=loopback', '-addext', 'subjectAltName=IP:127.0.0.1']
    await run('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', certificate])
    return { certificate: await readFile(certificate, 'utf8'), key: await readFile(key, 'utf8') }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

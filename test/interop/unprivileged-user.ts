import { readFile } from 'node:fs/promises'

export interface UnprivilegedUser {
  readonly uid: number
  readonly gid: number
}

/** Servers refuse to run as root; these run as the one account that every Unix has for such purposes. */
export async function unprivilegedUser(): Promise<UnprivilegedUser> {
  const entry = (await readFile('/etc/passwd', 'utf8')).split('\n').find(line => line.startsWith('nobody:'))
  const [, , uid, gid] = entry?.split(':') ?? []
  if (!uid || !gid) throw new Error('There is no account "nobody" to run a server as.')
  return { uid: Number(uid), gid: Number(gid) }
}

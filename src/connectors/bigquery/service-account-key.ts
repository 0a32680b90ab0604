import type { KeyObject } from 'node:crypto'
import { isRecord } from '../form-tree-walk.ts'
import { repairPem } from '../network/pem.ts'
import { readPrivateKey } from '../network/private-key.ts'

/** What of a service account's key file is used. Everything else in it, such as where tokens would be got, is not. */
export interface ServiceAccountKey {
  /** The account's e-mail address. */
  readonly account: string
  readonly keyId: string
  readonly privateKey: KeyObject
  /** The project that the account belongs to. */
  readonly project: string | null
}

const otherTypes: Readonly<Record<string, string>> = {
  authorized_user: "This is a person's own sign-in: make a key for a service account.",
  external_account:
    'This is a configuration of workload identity, which Patchbay does not use: make a key for a service account.',
  external_account_authorized_user:
    'This is a configuration of workforce identity, which Patchbay does not use: make a key for a service account.',
  gdch_service_account: 'This is a key of Google Distributed Cloud, which has no BigQuery of its own.',
  impersonated_service_account:
    'This is a configuration of impersonation: choose "Impersonation", and give the key of the account that may impersonate.',
}
const unreadable = 'The "private_key" of the key cannot be read.'
/** Google makes no shorter ones, and no longer ones either. */
const shortestKeyBits = 2_048

/** What is wrong with the text of a key file; null when nothing is. Never repeats anything of it. */
export function serviceAccountKeyIssue(text: string): string | null {
  const read = readServiceAccountKey(text)
  return typeof read === 'string' ? read : null
}

/** Reads the text of a key file; a string says what is wrong with it. */
export function readServiceAccountKey(text: string): ServiceAccountKey | string {
  const json = parse(text)
  if (!isRecord(json)) return 'Paste the whole content of the JSON file of the key, not its name.'
  const { type, client_email: account, private_key_id: keyId, project_id: project, universe_domain: universe } = json
  if (type !== 'service_account') {
    const known = typeof type === 'string' && Object.hasOwn(otherTypes, type) ? otherTypes[type] : undefined
    return known ?? 'This is no key of a service account: its "type" must be "service_account".'
  }
  if (universe !== undefined && universe !== 'googleapis.com')
    return 'This key is of another cloud than Google\'s own: its "universe_domain" must be "googleapis.com".'
  if (
    typeof account !== 'string' ||
    !/^[a-z0-9][a-z0-9.-]{0,199}@[a-z0-9.-]{1,200}\.gserviceaccount\.com$/.test(account)
  ) {
    return 'The key has no "client_email" of a service account.'
  }
  if (typeof keyId !== 'string' || !/^[\w-]{1,128}$/.test(keyId)) return 'The key has no "private_key_id".'
  const { private_key: pem } = json
  if (typeof pem !== 'string') return 'The key has no "private_key".'
  const privateKey = readPrivateKey(repairPem(pem), undefined)
  if (typeof privateKey === 'string') return unreadable
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = privateKey
  if (kind !== 'rsa' || (details?.modulusLength ?? 0) < shortestKeyBits) return unreadable
  return { account, keyId, privateKey, project: typeof project === 'string' ? project : null }
}

/** What was pasted with line breaks in its key, or with an editor's byte order mark, neither of which is JSON, as the JSON that it was. */
export function repairKeyFile(given: string): string {
  const text = given.replace(/^\ufeff/, '')
  if (parse(text) !== null) return text
  const repaired = text.replace(/("private_key"\s*:\s*")([^"]*)(")/, (_, before: string, pem: string, after: string) =>
    [before, pem.replace(/\r?\n/g, '\\n'), after].join(''),
  )
  return parse(repaired) === null ? given : repaired
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

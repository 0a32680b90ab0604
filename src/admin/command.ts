import type { ParseArgsOptionsConfig } from 'node:util'
import type { Database } from '../db/database.ts'
import type { Keyring } from '../secrets/keyring.ts'
import type { MasterKeys } from '../secrets/master-key.ts'
import type { SecretStores } from '../secrets/secret-store.ts'
import type { VaultSettings } from '../secrets/vault/settings.ts'
import type { SecretVersions } from '../services/secret-versions.ts'

/** One thing that an operator can have done, beside running servers. */
export interface Command {
  /** Such as `secrets:audit`. */
  readonly name: string
  /** What it does, for the list of commands. */
  readonly summary: string
  /** Lines about its options and what its exit codes mean. */
  readonly usage: readonly string[]
  readonly options: ParseArgsOptionsConfig
  /** Throws `UsageError` for options that make no sense, and what those throw whom the operator can help. */
  run(admin: Admin, options: CommandOptions): Promise<CommandResult>
}

export type CommandOptions = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

export interface CommandResult {
  readonly exitCode: ExitCode
  /** For people, one line each. */
  readonly lines: readonly string[]
  /** For people too, on standard error: what is said beside an answer that is handed on as it is. */
  readonly notes?: readonly string[]
  /** The same for programs. */
  readonly json: object
}

/** DONE also says that nothing is wrong; LEFT, that something is or was not done; NOT_ASKED, that a secret store could not be asked. */
export const exitCodes = { DONE: 0, LEFT: 1, MISUSED: 2, NOT_ASKED: 3 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** What commands work with. Whatever is opened is closed when the command has ended. */
export interface Admin {
  readonly settings: AdminSettings
  /** Aborts when the operator wants the command to end: it stops where it can be gone on with. */
  readonly signal: AbortSignal
  /** A line about how far it is, for people. */
  progress(line: string): void
  /** Without the master key, for what has nothing to do with secrets. */
  openDatabase(): Promise<Database>
  openKeys(): Promise<OpenKeys>
  openSecrets(): Promise<OpenKeys & OpenSecrets>
}

export interface AdminSettings {
  /** Where servers with this configuration keep new secrets. */
  readonly secretStore: 'sealed' | 'vault'
  readonly vault: VaultSettings | null
}

export interface OpenKeys {
  readonly database: Database
  readonly masterKeys: MasterKeys
  readonly keyring: Keyring
}

export interface OpenSecrets {
  readonly stores: SecretStores
  readonly secretVersions: SecretVersions
}

/** The command was called in a way that makes no sense. The message is a sentence for the operator. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'UsageError'
  }
}

/** The value of an option that takes one; null when it was not given. Throws `UsageError` when it is empty. */
export function optionText(options: CommandOptions, name: string): string | null {
  const value = options[name]
  if (value === undefined) return null
  if (typeof value !== 'string' || value.trim() === '') throw new UsageError(`--${name} needs a value.`)
  return value.trim()
}

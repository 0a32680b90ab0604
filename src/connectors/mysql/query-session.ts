import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { ask, perform } from './answer.ts'
import { quoteText } from './quote.ts'
import type { Session } from './session.ts'
import { limitStatements } from './statement-timeout.ts'

/**
 * Modes that change what values become and nothing about how a text is read. ANSI_QUOTES, NO_BACKSLASH_ESCAPES and
 * ORACLE, the names that stand for several modes, and those of versions to come are left out.
 */
const harmlessModes = new Set([
  'ALLOW_INVALID_DATES',
  'EMPTY_STRING_IS_NULL',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'HIGH_NOT_PRECEDENCE',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ENGINE_SUBSTITUTION',
  'NO_UNSIGNED_SUBTRACTION',
  'NO_ZERO_DATE',
  'NO_ZERO_IN_DATE',
  'ONLY_FULL_GROUP_BY',
  'PAD_CHAR_TO_FULL_LENGTH',
  'PIPES_AS_CONCAT',
  'REAL_AS_FLOAT',
  'STRICT_ALL_TABLES',
  'STRICT_TRANS_TABLES',
  'TIME_ROUND_FRACTIONAL',
  'TIME_TRUNCATE_FRACTIONAL',
])

const modesSql = 'SELECT @@SESSION.sql_mode, @@SESSION.character_set_client'
const modesShape = { modes: 'text', charset: 'text' } as const

export interface QuerySettings {
  /** Of the form. */
  readonly charset: string
  readonly statementTimeoutSeconds: number
  /** Rows that are wanted, and one more that tells whether there are others. */
  readonly maxRows: number
}

/** The text was judged by rules that the server must keep to, and values are written alike whatever its defaults. */
export async function prepareForQuery(session: Session, settings: QuerySettings): Promise<void> {
  // Whatever the server makes of a sign-in (init_connect). Old servers know only the old name.
  await perform(session, `SET NAMES ${settings.charset === 'utf8mb3' ? 'utf8' : 'utf8mb4'}`)
  const { modes } = await facts(session)
  const kept = modes.filter(mode => harmlessModes.has(mode))
  await perform(session, `SET SESSION sql_mode = ${quoteText(kept.join(','))}`)
  const now = await facts(session)
  if (now.modes.some(mode => !harmlessModes.has(mode)) || !/^utf8(mb[34])?$/.test(now.charset))
    throw new ProtocolFaultError('it reads statements by other rules than it was told to')
  await perform(session, "SET SESSION time_zone = '+00:00'")
  await perform(session, `SET SESSION sql_select_limit = ${settings.maxRows}`)
  // A reader may take its time.
  await perform(session, `SET SESSION net_write_timeout = ${settings.statementTimeoutSeconds + 60}`)
  await limitStatements(session, settings.statementTimeoutSeconds * 1_000)
}

async function facts(session: Session): Promise<{ readonly modes: readonly string[]; readonly charset: string }> {
  const [row] = await ask(session, modesSql, modesShape)
  if (!row) throw new ProtocolFaultError('it did not say by which rules it reads statements')
  return { modes: row.modes.split(',').filter(mode => mode !== ''), charset: row.charset }
}

/** What Snowflake refuses, in its words. */
export class SnowflakeRefusalError extends Error {
  override readonly name = 'SnowflakeRefusalError'
  readonly code: string
  readonly sqlState: string | null

  constructor(code: string, message: string, sqlState: string | null = null) {
    super(message)
    this.code = code
    this.sqlState = sqlState
  }
}

const compilation = (code: string, words: string, sqlState: string) =>
  new SnowflakeRefusalError(code, `SQL compilation error:\n${words}`, sqlState)

export const refusals = {
  unknownObject: (kind: string, name: string) =>
    compilation(
      '002003',
      `${kind} '${name}' does not exist or not authorized.`,
      kind === 'Object' || kind === 'Table' ? '42S02' : '02000',
    ),
  cannotUse: () => compilation('002043', 'Object does not exist, or operation cannot be performed.', '02000'),
  roleNotAssigned: (role: string) =>
    new SnowflakeRefusalError(
      '003013',
      `SQL access control error:\nRequested role '${role}' is not assigned to the executing user. Specify another role to activate.`,
      '42501',
    ),
  insufficientPrivileges: (kind: string, name: string) =>
    new SnowflakeRefusalError(
      '003001',
      `SQL access control error:\nInsufficient privileges to operate on ${kind} '${name}'.`,
      '42501',
    ),
  syntax: (word: string, position = 0) =>
    compilation('001003', `syntax error line 1 at position ${position} unexpected '${word}'.`, '42000'),
  unknownColumn: (name: string) =>
    new SnowflakeRefusalError(
      '000904',
      `SQL compilation error: error line 1 at position 7\ninvalid identifier '${name}'`,
      '42000',
    ),
  unknownFunction: (name: string) => compilation('002140', `Unknown function ${name}.`, '42601'),
  noDatabase: () =>
    new SnowflakeRefusalError(
      '090105',
      "Cannot perform SELECT. This session does not have a current database. Call 'USE DATABASE', or use a qualified name.",
      '22000',
    ),
  noSchema: () =>
    new SnowflakeRefusalError(
      '090106',
      "Cannot perform SELECT. This session does not have a current schema. Call 'USE SCHEMA', or use a qualified name.",
      '22000',
    ),
  noWarehouse: () =>
    new SnowflakeRefusalError(
      '000606',
      "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
      '57P03',
    ),
  quotaExceeded: (warehouse: string, monitor: string) =>
    new SnowflakeRefusalError(
      '090073',
      `Warehouse '${warehouse}' cannot be resumed because resource monitor '${monitor}' has exceeded its quota.`,
      '22000',
    ),
  cancelled: () => new SnowflakeRefusalError('000604', 'SQL execution canceled', '57014'),
  timedOut: (seconds: number) =>
    new SnowflakeRefusalError(
      '000630',
      `Statement reached its statement or warehouse timeout of ${seconds} second(s) and was canceled.`,
      '57014',
    ),
  severalStatements: (count: number) =>
    new SnowflakeRefusalError(
      '000008',
      `Actual statement count ${count} did not match the desired statement count 1.`,
      '0A000',
    ),
}

/** As results name types of values; what Snowflake calls an extended type comes as one of these. */
export type SnowflakeType =
  | 'fixed'
  | 'real'
  | 'text'
  | 'boolean'
  | 'date'
  | 'time'
  | 'timestamp_ntz'
  | 'timestamp_ltz'
  | 'timestamp_tz'
  | 'binary'
  | 'variant'
  | 'object'
  | 'array'
  | 'vector'

export interface SnowflakeColumn {
  readonly name: string
  readonly type: SnowflakeType
  /** As DESCRIBE TABLE writes it, where it does not follow from the type. */
  readonly declared?: string
  readonly scale?: number
  readonly precision?: number
  readonly length?: number
  /** `GEOGRAPHY`, `GEOMETRY`: an object to clients that do not know better. */
  readonly extended?: string
}

/** As Snowflake sends values in JSON: text whatever the type, or nothing for null. */
export type Cell = string | null

export type Cells = readonly Cell[]

/** Rows, also more of them than anybody wants to keep. */
export type Rows = readonly Cells[] | { readonly length: number; row(index: number): Cells }

export interface SnowflakeTable {
  readonly kind?: 'TABLE' | 'VIEW' | 'EXTERNAL TABLE' | 'MATERIALIZED VIEW'
  readonly columns: readonly SnowflakeColumn[]
  readonly rows?: Rows
}

export type SnowflakeSchema = Readonly<Record<string, SnowflakeTable>>
export type SnowflakeDatabase = Readonly<Record<string, SnowflakeSchema>>

export interface SnowflakeWarehouse {
  readonly state?: 'STARTED' | 'SUSPENDED' | 'SUSPENDING' | 'RESUMING'
  readonly autoResume?: boolean
  readonly size?: string
  /** The resource monitor that has had enough of it. */
  readonly exhaustedBy?: string
}

export interface SnowflakeUser {
  readonly password?: string
  /** PEM, as they were registered: at most two. */
  readonly publicKeys?: readonly string[]
  readonly accessTokens?: Readonly<Record<string, SnowflakeAccessToken>>
  readonly roles: readonly string[]
  readonly defaultRole?: string
  /** Whether the roles that are not the session's own count too, until it says otherwise. */
  readonly secondaryRoles?: 'ALL' | 'NONE'
  readonly state?: 'DISABLED' | 'LOCKED' | 'MUST_ENROL_MFA'
}

export interface SnowflakeAccessToken {
  readonly state?: 'EXPIRED' | 'WITHOUT_NETWORK_POLICY'
  /** The only role that it may be used with. */
  readonly role?: string
}

export interface SnowflakeAccount {
  /** By which a sign-in may call it: organization and account, and the older locator. */
  readonly names: readonly string[]
  readonly region: string
  readonly version: string
  readonly users: Readonly<Record<string, SnowflakeUser>>
  /**
   * Grants of each role: `SELECT ON TABLE SALES.PUBLIC.ORDERS`, `USAGE ON ROLE OTHER`, with `WITH GRANT OPTION` where it may
   * hand it on. Roles of databases have the database's name before their own.
   */
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly warehouses: Readonly<Record<string, SnowflakeWarehouse>>
  readonly databases: Readonly<Record<string, SnowflakeDatabase>>
  /** Addresses that a network policy lets in; everybody's without one. */
  readonly networkPolicy?: 'REFUSES_EVERYBODY'
}

const text = (name: string): SnowflakeColumn => ({ name, type: 'text', length: 16_777_216 })
const number = (name: string, precision = 38, scale = 0): SnowflakeColumn => ({
  ...{ name, type: 'fixed', precision, scale },
})

const orders: SnowflakeTable = {
  columns: [number('ID'), text('CUSTOMER'), number('TOTAL', 12, 2)],
  rows: [
    ['1', 'ann', '10.50'],
    ['2', '', '0.00'],
    ['3', null, '99999999999.99'],
  ],
}

/** One column of each type, and rows as Snowflake sends them. */
export const everyType: SnowflakeTable = {
  columns: [
    number('BIG'),
    number('PRICE', 38, 10),
    { name: 'RATIO', type: 'real' },
    text('WORDS'),
    { name: 'YES', type: 'boolean' },
    { name: 'DAY', type: 'date' },
    { name: 'HOUR', type: 'time', scale: 9 },
    { name: 'LOCAL', type: 'timestamp_ntz', scale: 9 },
    { name: 'INSTANT', type: 'timestamp_ltz', scale: 9 },
    { name: 'ZONED', type: 'timestamp_tz', scale: 9 },
    { name: 'BYTES', type: 'binary', length: 8_388_608 },
    { name: 'ANYTHING', type: 'variant' },
    { name: 'THING', type: 'object' },
    { name: 'LIST', type: 'array' },
    { name: 'PLACE', type: 'object', extended: 'GEOGRAPHY', declared: 'GEOGRAPHY' },
    { name: 'EMBEDDING', type: 'vector', declared: 'VECTOR(FLOAT, 3)' },
  ],
  rows: [
    [
      '12345678901234567890123456789012345678',
      '1234567890123456789012345678.0123456789',
      '0.1',
      'a "quoted" line\nand ünïcode',
      '1',
      '20454',
      '45296.123456789',
      '1767270896.123456789',
      '1767270896.123456789',
      '1767270896.123456789 1560',
      '00FF10',
      '{"big":12345678901234567890,"list":[1,null]}',
      '{\n  "a": 1\n}',
      '[\n  1,\n  "two"\n]',
      '{"coordinates":[1,2],"type":"Point"}',
      '[1.000000,2.500000,-3.000000]',
    ],
    [
      '-9007199254740993',
      '-0.0000000001',
      '1e+308',
      '',
      '0',
      '-719162',
      '0.000000000',
      '-62135596800.000000000',
      '-1.500000000',
      '0.000000000 1440',
      '',
      '"text"',
      '{}',
      '[]',
      '{"coordinates":[],"type":"LineString"}',
      '[0.000000,0.000000,0.000000]',
    ],
    Array.from({ length: 16 }, () => null),
  ],
}

/** What a reader of `SALES` has been given, and no more. */
export const readerGrants: readonly string[] = [
  'USAGE ON WAREHOUSE COMPUTE_WH',
  'USAGE ON WAREHOUSE SLEEPING_WH',
  'USAGE ON WAREHOUSE STOPPED_WH',
  'USAGE ON WAREHOUSE EXHAUSTED_WH',
  'USAGE ON DATABASE SALES',
  'USAGE ON SCHEMA SALES.PUBLIC',
  'SELECT ON TABLE SALES.PUBLIC.ORDERS',
  'SELECT ON TABLE SALES.PUBLIC.NUMBERS',
  'SELECT ON TABLE SALES.PUBLIC.EVERY_TYPE',
  'SELECT ON TABLE SALES.PUBLIC."lower case"',
  'SELECT ON VIEW SALES.PUBLIC.RECENT_ORDERS',
]

export const samplePassword = 'snow-password-5Kq'
export const sampleToken = 'snow-access-token-8Vd'

/** An account with a user who may only read. */
export const sampleAccount: SnowflakeAccount = {
  names: ['MYORG-PATCHBAY', 'XY12345'],
  region: 'AWS_EU_WEST_1',
  version: '9.36.1',
  users: {
    PATCHBAY: {
      password: samplePassword,
      accessTokens: { [sampleToken]: {} },
      roles: ['READER'],
      defaultRole: 'READER',
      secondaryRoles: 'ALL',
    },
  },
  roles: { READER: readerGrants, WRITER: ['INSERT ON TABLE SALES.PUBLIC.ORDERS'], ACCOUNTADMIN: [], PUBLIC: [] },
  warehouses: {
    COMPUTE_WH: { state: 'STARTED' },
    SLEEPING_WH: { state: 'SUSPENDED', autoResume: true },
    STOPPED_WH: { state: 'SUSPENDED', autoResume: false },
    EXHAUSTED_WH: { state: 'SUSPENDED', autoResume: true, exhaustedBy: 'MONTHLY_LIMIT' },
    HIDDEN_WH: { state: 'STARTED' },
  },
  databases: {
    SALES: {
      PUBLIC: {
        NUMBERS: { columns: [text('N')], rows: [['one'], ['two']] },
        ORDERS: orders,
        EVERY_TYPE: everyType,
        'lower case': { columns: [text('mixed Case'), text('N'), text('N')], rows: [['a', 'b', 'c']] },
        RECENT_ORDERS: { ...orders, kind: 'VIEW' },
        SALARIES: { columns: [number('AMOUNT')], rows: [['1']] },
      },
      EMPTY: {},
    },
    PAYROLL: { PUBLIC: {} },
  },
}

/** The sample account with other things in it. */
export const accountWith = (changes: Partial<SnowflakeAccount>): SnowflakeAccount => ({ ...sampleAccount, ...changes })

/** The sample account whose reader has been given more. */
export const withGrants = (more: readonly string[], roles: SnowflakeAccount['roles'] = {}): SnowflakeAccount =>
  accountWith({ roles: { ...sampleAccount.roles, READER: [...readerGrants, ...more], ...roles } })

/** The sample account whose only user is another one. */
export const withUser = (user: Partial<SnowflakeUser>): SnowflakeAccount =>
  accountWith({ users: { PATCHBAY: { ...sampleAccount.users['PATCHBAY'], roles: ['READER'], ...user } } })

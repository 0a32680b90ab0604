/** A column of a table or a result, its type as Athena writes it. */
export interface AthenaColumn {
  readonly name: string
  readonly type: string
  readonly comment?: string
}

export interface AthenaTable {
  readonly columns: readonly AthenaColumn[]
  readonly partitionKeys?: readonly AthenaColumn[]
  /** As Athena sends values: text, or nothing for null. */
  readonly rows?: readonly (readonly (string | null)[])[]
  readonly kind?: 'EXTERNAL_TABLE' | 'VIRTUAL_VIEW'
  /** What a query that reads it all has scanned. */
  readonly bytes?: number
  /** What catalogs tell of it beside where it lies. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Why every query of it fails, in Athena's words: Lake Formation, S3 or KMS has refused. */
  readonly refuses?: string
}

export type AthenaDatabase = Readonly<Record<string, AthenaTable>>

export interface AthenaCatalog {
  readonly type: 'GLUE' | 'LAMBDA' | 'HIVE' | 'FEDERATED'
  readonly databases: Readonly<Record<string, AthenaDatabase>>
  /** What their owners say of databases. */
  readonly descriptions?: Readonly<Record<string, string>>
  /** The function of AWS Lambda by which a federated one is read. */
  readonly function?: string
}

export interface AthenaWorkgroup {
  readonly state?: 'ENABLED' | 'DISABLED'
  readonly outputLocation?: string
  /** Whether what the workgroup says goes over what a query says. */
  readonly enforced?: boolean
  /** Whether Athena keeps the results itself. */
  readonly managed?: boolean
  readonly bytesScannedCutoff?: number
  readonly engineVersion?: string
  readonly description?: string
}

const orders: AthenaTable = {
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'customer', type: 'varchar' },
  ],
  partitionKeys: [{ name: 'day', type: 'date' }],
  rows: [
    ['1', 'ann', '2026-01-02'],
    ['2', '', '2026-01-03'],
    ['3', null, '2026-01-03'],
  ],
  bytes: 4_096,
}

const numbers: AthenaTable = { columns: [{ name: 'n', type: 'varchar' }], rows: [['one'], ['two']], bytes: 64 }

export const sampleCatalogs: Readonly<Record<string, AthenaCatalog>> = {
  AwsDataCatalog: {
    type: 'GLUE',
    databases: {
      default: {},
      sales: {
        numbers,
        orders,
        recent_orders: { ...orders, kind: 'VIRTUAL_VIEW' },
        'odd "name"': { columns: [{ name: 'a "b" c', type: 'bigint' }], rows: [['7']], bytes: 10 },
      },
    },
  },
}

export const sampleWorkgroups: Readonly<Record<string, AthenaWorkgroup>> = {
  primary: { outputLocation: 's3://athena-results/primary/' },
}

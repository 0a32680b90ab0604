import type { BigQueryField, BigQueryRows } from './bigquery-values.ts'

export interface BigQueryTable {
  readonly type?: 'TABLE' | 'VIEW' | 'MATERIALIZED_VIEW' | 'EXTERNAL' | 'SNAPSHOT'
  readonly schema: readonly BigQueryField[]
  readonly rows?: BigQueryRows
  /** Of a view: the only thing it is made of. */
  readonly sql?: string
  /** What a query of it reads; as many as there are rows, ten each, when it is left out. */
  readonly bytes?: number
  readonly requirePartitionFilter?: boolean
  readonly title?: string
}

export interface BigQueryDataset {
  readonly location?: string
  readonly title?: string
  readonly tables: Readonly<Record<string, BigQueryTable>>
}

export interface BigQueryProject {
  readonly number?: string
  readonly title?: string
  readonly datasets: Readonly<Record<string, BigQueryDataset>>
  readonly billing?: boolean
}

export type BigQueryProjects = Readonly<Record<string, BigQueryProject>>

export interface TableReference {
  readonly projectId: string
  readonly datasetId: string
  readonly tableId: string
}

export const tableName = ({ projectId, datasetId, tableId }: TableReference) => `${projectId}:${datasetId}.${tableId}`
export const tableResource = ({ projectId, datasetId, tableId }: TableReference) =>
  `projects/${projectId}/datasets/${datasetId}/tables/${tableId}`

export const findDataset = (
  projects: BigQueryProjects,
  projectId: string,
  datasetId: string,
): BigQueryDataset | null => {
  const project = Object.hasOwn(projects, projectId) ? projects[projectId] : undefined
  return (project && Object.hasOwn(project.datasets, datasetId) ? project.datasets[datasetId] : undefined) ?? null
}

export function findTable(
  projects: BigQueryProjects,
  { projectId, datasetId, tableId }: TableReference,
): BigQueryTable | null {
  const dataset = findDataset(projects, projectId, datasetId)
  return (dataset && Object.hasOwn(dataset.tables, tableId) ? dataset.tables[tableId] : undefined) ?? null
}

export const locationOf = ({ location = 'EU' }: BigQueryDataset): string => location

const field = (name: string, type: string, more: Partial<BigQueryField> = {}): BigQueryField => ({
  name,
  type,
  ...more,
})

/** A column of every type that BigQuery has. */
export const everyType: readonly BigQueryField[] = [
  field('i', 'INTEGER', { mode: 'REQUIRED' }),
  field('f', 'FLOAT'),
  field('b', 'BOOLEAN'),
  field('s', 'STRING'),
  field('y', 'BYTES'),
  field('n', 'NUMERIC'),
  field('bn', 'BIGNUMERIC'),
  field('d', 'DATE'),
  field('dt', 'DATETIME'),
  field('t', 'TIME'),
  field('ts', 'TIMESTAMP'),
  field('g', 'GEOGRAPHY'),
  field('j', 'JSON'),
  field('iv', 'INTERVAL'),
  field('r', 'RANGE', { rangeElementType: { type: 'DATE' } }),
  field('rt', 'RANGE', { rangeElementType: { type: 'TIMESTAMP' } }),
  field('l', 'INTEGER', { mode: 'REPEATED' }),
  field('o', 'RECORD', {
    fields: [
      field('street', 'STRING'),
      field('at', 'TIMESTAMP'),
      field('tags', 'RECORD', { mode: 'REPEATED', fields: [field('k', 'STRING'), field('v', 'INTEGER')] }),
    ],
  }),
]

/** The project that pays for queries, and most of the data; another one with data; all in the EU but for one dataset. */
export const sampleProjects: BigQueryProjects = {
  'acme-analytics': {
    number: '123456789012',
    datasets: {
      sales: {
        tables: {
          numbers: {
            schema: [field('n', 'INTEGER'), field('name', 'STRING')],
            rows: [
              ['1', 'one'],
              ['9223372036854775807', 'two'],
            ],
            bytes: 200,
          },
          everything: {
            schema: everyType,
            rows: [
              [
                ...[
                  '9007199254740993',
                  '0.1',
                  'true',
                  'Zoë "x"',
                  'AP/+',
                  '1.10',
                  '-5789604461865809771178549250434395.25',
                ],
                ...['2026-11-22', '2026-11-22T10:11:12.123456', '10:11:12.000001', 1_780_000_000_123_456n],
                ...['POINT(2.35 48.85)', '{"a":9007199254740993,"b":[1.50,null]}', '1-2 3 4:5:6.789'],
                ['2026-01-01', null],
                [1_780_000_000_000_000n, 1_780_000_000_000_001n],
                ['1', '9007199254740993'],
                [
                  'Rue de Rivoli',
                  1n,
                  [
                    ['a', '1'],
                    ['b', null],
                  ],
                ],
              ],
              ['-9223372036854775808', 'NaN', 'false', '', '', ...Array(11).fill(null), [], null],
            ],
          },
          recent: { type: 'VIEW', schema: [field('n', 'INTEGER')], sql: 'select n from sales.numbers' },
        },
      },
      archive: { location: 'US', tables: { old: { schema: [field('n', 'INTEGER')], rows: [['7']] } } },
    },
  },
  'acme-lake': {
    number: '222222222222',
    datasets: { events: { tables: { clicks: { schema: [field('at', 'TIMESTAMP')], rows: [[0n]] } } } },
  },
}

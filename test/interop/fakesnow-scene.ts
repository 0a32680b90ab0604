import { certificate } from '../connectors/snowflake/snowflake-run.ts'
import { Fakesnow, type FakesnowAnswer, type FakesnowOptions } from './fakesnow-server.ts'

/**
 * What of Snowflake fakesnow does not know and a connector asks: roles and grants, secondary roles, warehouses other than
 * its own, the user, and the hosts of results. Nothing that rests on these answers is proved by fakesnow.
 */
export const answersOfOurs: readonly FakesnowAnswer[] = [
  { to: '^use\\s+secondary\\s+roles\\b', columns: ['status'], rows: [['Statement executed successfully.']] },
  {
    to: '^show\\s+warehouses\\b',
    columns: ['name', 'state', 'type', 'size', 'auto_resume'],
    rows: [['COMPUTE_WH', 'STARTED', 'STANDARD', 'X-Small', 'true']],
  },
  {
    to: '^show\\s+grants\\s+to\\s+role\\b',
    columns: ['created_on', 'privilege', 'granted_on', 'name', 'granted_to', 'grantee_name', 'grant_option'],
    rows: [
      ['USAGE', 'WAREHOUSE', 'COMPUTE_WH'],
      ['USAGE', 'DATABASE', 'SALES'],
      ['USAGE', 'SCHEMA', 'SALES.PUBLIC'],
      ['SELECT', 'TABLE', 'SALES.PUBLIC.ORDERS'],
    ].map(grant => ['1767225600.000000000', ...grant, 'ROLE', 'READER', 'false']),
  },
  { to: '\\bsystem\\$allowlist\\b', columns: ['ALLOWLIST'], rows: [['[]']] },
]

/** Functions that it does not know, or of which it says what DuckDB says. */
export const functionsOfOurs = {
  CURRENT_USER: 'PATCHBAY',
  CURRENT_SECONDARY_ROLES: '{"roles":"","value":"NONE"}',
  CURRENT_REGION: 'AWS_EU_WEST_1',
  CURRENT_ACCOUNT: 'XY12345',
  CURRENT_ACCOUNT_NAME: 'PATCHBAY',
  CURRENT_ORGANIZATION_NAME: 'MYORG',
} as const

/** A fakesnow in the place of the account `myorg-patchbay`, with these statements run in `SALES.PUBLIC`. */
export const startFakesnow = (
  setUp: readonly string[],
  options: Pick<FakesnowOptions, 'rowsPerChunk'> = {},
): Promise<Fakesnow> =>
  Fakesnow.start({
    certificate,
    setUp: [
      'create database sales',
      'use database sales',
      'create schema sales.public',
      'use schema sales.public',
      ...setUp,
    ],
    defaultRole: 'READER',
    answers: answersOfOurs,
    functions: functionsOfOurs,
    ...options,
  })

import type { QueryOutcome } from '../../src/connectors/define.ts'
import { mysql } from '../../src/connectors/mysql/index.ts'
import {
  type QueryOptions,
  type Reports,
  type RunOptions,
  runParsedTest,
  runTypeQuery,
  runTypeTest,
} from './type-run.ts'

/** A form's input as a driver gets it: parsed, defaults filled in. */
export const parseConfig = (input: unknown): unknown => mysql.form.schema.parse(input)

export const testMysql = (input: unknown, options: RunOptions = {}): Promise<Reports> =>
  runTypeTest(mysql, input, options)

export const testParsed = (config: unknown, options: RunOptions = {}): Promise<Reports> =>
  runParsedTest(mysql, config, options)

export const queryMysql = (input: unknown, query: unknown, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(mysql, input, query, options)

import type { QueryOutcome } from '../../src/connectors/define.ts'
import { postgres } from '../../src/connectors/postgres/index.ts'
import {
  type QueryOptions,
  type Reports,
  type RunOptions,
  runParsedTest,
  runTypeQuery,
  runTypeTest,
} from './type-run.ts'

/** A form's input as a driver gets it: parsed, defaults filled in. */
export const parseConfig = (input: unknown): unknown => postgres.form.schema.parse(input)

export const testPostgres = (input: unknown, options: RunOptions = {}): Promise<Reports> =>
  runTypeTest(postgres, input, options)

export const testParsed = (config: unknown, options: RunOptions = {}): Promise<Reports> =>
  runParsedTest(postgres, config, options)

export const queryPostgres = (input: unknown, query: unknown, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(postgres, input, query, options)

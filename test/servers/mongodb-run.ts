import type { QueryOutcome } from '../../src/connectors/define.ts'
import { mongodb } from '../../src/connectors/mongodb/index.ts'
import {
  type QueryOptions,
  type Reports,
  type RunOptions,
  runParsedTest,
  runTypeQuery,
  runTypeTest,
} from './type-run.ts'

/** A form's input as a driver gets it: parsed, defaults filled in. */
export const parseConfig = (input: unknown): unknown => mongodb.form.schema.parse(input)

export const testMongodb = (input: unknown, options: RunOptions = {}): Promise<Reports> =>
  runTypeTest(mongodb, input, options)

/** As `testMongodb`, of a configuration that the form has let through, or that has aged since. */
export const testParsed = (config: unknown, options: RunOptions = {}): Promise<Reports> =>
  runParsedTest(mongodb, config, options)

export const queryMongodb = (input: unknown, query: unknown, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(mongodb, input, query, options)

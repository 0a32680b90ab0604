import type { RunEnvironment, TestRun } from '../define.ts'
import type { S3Config } from './form.ts'

export function startTest(_config: S3Config, _environment: RunEnvironment): TestRun {
  throw new Error('Not there yet.')
}

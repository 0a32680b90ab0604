import type { RunEnvironment, TestRun } from '../define.ts'
import type { AthenaConfig } from './form.ts'

export function startTest(_config: AthenaConfig, _environment: RunEnvironment): TestRun {
  throw new Error('Not there yet.')
}

import type { RunEnvironment, TestRun } from '../define.ts'
import type { HttpApiConfig } from './form.ts'

export function startTest(_config: HttpApiConfig, _environment: RunEnvironment): TestRun {
  throw new Error('Not there yet.')
}

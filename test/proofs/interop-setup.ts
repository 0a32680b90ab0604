import type { TestProject } from 'vitest/node'
import { collectProofs } from './collect-proofs.ts'

export const setup = (project: TestProject) => collectProofs('interop', project)

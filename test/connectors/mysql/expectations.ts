import { expectationsOf } from '../type-expectations.ts'

export const { expectFailure, expectPass, expectProblem, expectQueryProblem } = expectationsOf('MYSQL')

import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with the one plain line that continuous integration reads: `N passed, N failed, N skipped`. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      count.failed += module.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (test.diagnostic()?.flaky) console.log(`RETRIED ${test.module.relativeModuleId} > ${test.fullName}`)
        if (result.state === 'passed') count.passed++
        else if (result.state === 'failed') {
          count.failed++
          console.log(`FAILED ${test.module.relativeModuleId} > ${test.fullName}`)
        } else {
          count.skipped++
          const reason = result.state === 'skipped' && result.note ? result.note : 'no reason given'
          console.log(`SKIPPED ${test.fullName}: ${reason}`)
        }
      }
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  }
}

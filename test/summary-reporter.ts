import type { Reporter, TestModule } from 'vitest/node'

/** Ends a run with the one plain line that continuous integration reads: `N passed, N failed, N skipped`. */
const reporter: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors) {
    const count = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    for (const module of modules) {
      const broken = module.errors().length
      count.failed += broken
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') count.passed++
        else if (result.state === 'failed') count.failed++
        else {
          count.skipped++
          const reason = result.state === 'skipped' && result.note ? result.note : 'no reason given'
          console.log(`SKIPPED ${test.fullName}: ${reason}`)
        }
      }
    }
    console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`)
  },
}

export { reporter as default }

import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fastFolder } from './fast-databases.ts'
import { type Fence, root, type Suites } from './fences.ts'

/** What a run of suites came to. */
export interface SuiteRun {
  readonly passed: number
  readonly failed: number
  /** The first failure, for whoever has to find out what is wrong. */
  readonly failure: string | null
}

const copied = [
  'src',
  'test',
  'drizzle',
  'scripts',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'schema.graphql',
]

/** Neither a record of what is proven nor a search for leaks: those are about whole runs. */
const config = `import { oneGraphql } from './test/vitest-shared.ts'
export default {
  resolve: { alias: [oneGraphql] },
  test: { include: ['test/**/*.test.ts'], pool: 'forks', maxWorkers: 1, fileParallelism: false, testTimeout: 60000, hookTimeout: 120000 },
}
`

/** A copy of the project in which the source may be changed. */
export class ScratchCopy implements AsyncDisposable {
  readonly #directory: string

  private constructor(directory: string) {
    this.#directory = directory
  }

  static async make(): Promise<ScratchCopy> {
    const directory = await mkdtemp(join(await fastFolder(), 'patchbay-fences-'))
    for (const name of copied) await cp(join(root, name), join(directory, name), { recursive: true })
    await symlink(join(root, 'node_modules'), join(directory, 'node_modules'))
    await writeFile(join(directory, 'vitest.fences.config.ts'), config)
    await mkdir(join(directory, 'tmp'))
    // PostgreSQL does not run as root, so it may be somebody else who needs the folder.
    await chmod(directory, 0o755)
    await chmod(join(directory, 'tmp'), 0o1777)
    return new ScratchCopy(directory)
  }

  /** Runs what must notice that the fence is gone, without it. Throws when the fence is not where it should be. */
  async runWithout({ name, file, text, without, suites }: Fence): Promise<SuiteRun> {
    const path = join(this.#directory, file)
    const source = await readFile(path, 'utf8')
    const count = source.split(text).length - 1
    if (count !== 1) {
      throw new Error(
        `"${name}" stands ${count} times in ${file}, not once. Has the fence moved? Then say where it is now.`,
      )
    }
    await writeFile(
      path,
      source.replace(text, () => without),
    )
    try {
      return await this.run(suites, true)
    } finally {
      await writeFile(path, source)
    }
  }

  /** With `isBailing` it ends at the first failure. */
  async run({ files, pattern }: Suites, isBailing = false): Promise<SuiteRun> {
    const report = join(this.#directory, 'tmp', 'report.json')
    await rm(report, { force: true })
    const args = ['run', '--config', 'vitest.fences.config.ts', '--reporter=json', `--outputFile=${report}`, ...files]
    if (pattern !== undefined) args.push('-t', pattern)
    if (isBailing) args.push('--bail', '1')
    const output = await this.#vitest(args)
    const text = await readFile(report, 'utf8').catch(() => {
      throw new Error(`The suites could not be run: ${output.slice(-2_000)}`)
    })
    const { numPassedTests, numFailedTests, numFailedTestSuites, testResults }: Report = JSON.parse(text)
    const messages = testResults.flatMap(({ message, assertionResults }) => [
      ...assertionResults.flatMap(({ title, failureMessages }) => failureMessages.map(each => `${title}: ${each}`)),
      message,
    ])
    return {
      passed: numPassedTests,
      // A suite whose preparation fails has no failed test.
      failed: numFailedTests + numFailedTestSuites,
      failure: messages.find(message => message !== '') ?? null,
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true })
  }

  #vitest(args: readonly string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const { VITEST: _, VITEST_WORKER_ID: __, VITEST_POOL_ID: ___, ...env } = process.env
      const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
        cwd: this.#directory,
        env: { ...env, NODE_ENV: 'test', CI: '', TMPDIR: join(this.#directory, 'tmp') },
      })
      let output = ''
      child.stdout.on('data', chunk => (output += chunk))
      child.stderr.on('data', chunk => (output += chunk))
      child.on('error', reject)
      child.on('close', () => resolve(output))
    })
  }
}

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numFailedTestSuites: number
  readonly testResults: readonly {
    readonly message: string
    readonly assertionResults: readonly { readonly title: string; readonly failureMessages: readonly string[] }[]
  }[]
}

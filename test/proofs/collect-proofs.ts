import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { judgeRun } from './judge-run.ts'
import type { Proof } from './proves.ts'
import { formatRecord, type ProofRecord, type RecordName, readRecord, recordFile, toRecord } from './record.ts'

/** Gives suites a place to note what they have proved, and compares it with the record after the last one. */
export async function collectProofs(name: RecordName, project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-proofs-'))
  project.provide('proofsDirectory', directory)
  return async () => {
    const seen = await readNotes(directory)
    await rm(directory, { recursive: true })
    const updates = process.env['UPDATE_PROOFS'] === '1'
    const verdict = judgeRun({ name, recorded: readRecord(name), seen, updates, ...(await describeRun(project)) })
    if (verdict.record) {
      await writeFile(recordFile(name), formatRecord(verdict.record))
      console.log(`Wrote test/proofs/${name}.json; bring the page up to date with: npm run docs:generate`)
    }
    if (verdict.complaint) throw new Error(verdict.complaint)
  }
}

async function readNotes(directory: string): Promise<ProofRecord> {
  const files = await readdir(directory)
  const texts = await Promise.all(files.map(file => readFile(join(directory, file), 'utf8')))
  const lines = texts.flatMap(text => text.split('\n')).filter(line => line !== '')
  // Written by `proves`.
  return toRecord(lines.map(line => JSON.parse(line) as Proof))
}

async function describeRun(project: TestProject) {
  const modules = project.vitest.state.getTestModules()
  const tests = modules.flatMap(module => [...module.children.allTests()])
  const ran = new Set(modules.map(module => module.moduleId))
  const { testFiles } = await project.globTestFiles()
  return {
    isWhole: testFiles.every(file => ran.has(file)) && project.config.testNamePattern === undefined,
    hasFailures: modules.some(module => !module.ok()),
    hasSkips: tests.some(test => test.result().state === 'skipped'),
  }
}

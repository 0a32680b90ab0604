import { deepStrictEqual } from 'node:assert'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runInterleaved } from './load.ts'
import type { Result } from './result.ts'
import { seed } from './seed.ts'
import { post, ServerProcess } from './server-process.ts'

const root = join(import.meta.dirname, '..')
const rounds = 4
const seconds = 2
const warmUpSeconds = 3

/** 20 connectors with 5 datasets each, as a list page shows them. */
const listQuery = /* GraphQL */ `
  query List {
    connectors(first: 20) {
      nodes {
        id
        name
        description
        version
        createdAt
        updatedAt
        datasets(first: 5) {
          nodes { id name description updatedAt }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
`

/** Requests per second of the real server, every guard on, against a bare `node:http` handler with the same SQL. */
export async function benchList(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  try {
    const dataDirectory = join(directory, 'data')
    await seed(dataDirectory)
    await cp(join(dataDirectory, 'patchbay.db'), join(directory, 'bare.db'))
    const bare = await ServerProcess.start([join(import.meta.dirname, 'servers', 'bare.ts')], {
      DATABASE_FILE: join(directory, 'bare.db'),
    })
    try {
      const patchbay = await ServerProcess.start([join(root, 'dist', 'main.js')], { DATA_DIR: dataDirectory })
      try {
        return await compare(patchbay, bare)
      } finally {
        await patchbay.stop()
      }
    } finally {
      await bare.stop()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function compare(patchbay: ServerProcess, bare: ServerProcess): Promise<readonly Result[]> {
  const list = JSON.stringify({ query: listQuery })
  const trivial = JSON.stringify({ query: '{ __typename }' })
  const [own, baseline] = await Promise.all([post(patchbay.port, list), post(bare.port, list)])
  // Only cursors may differ: they are opaque, and each server makes its own.
  deepStrictEqual(withoutCursors(own), withoutCursors(baseline))

  const results: Result[] = []
  for (const { what, body, target } of [
    { what: 'list of 20 connectors x 5 datasets', body: list, target: 0.5 },
    // 0.3 of mercurius, which reaches half of bare `node:http` on this query.
    { what: '{ __typename }', body: trivial, target: 0.15 },
  ]) {
    for (const connections of [1, 16]) {
      const loads = (duration: number) => ({
        patchbay: { server: patchbay, load: { url: patchbay.url, body, connections, seconds: duration } },
        bare: { server: bare, load: { url: bare.url, body, connections, seconds: duration } },
      })
      await runInterleaved(loads(warmUpSeconds), 1)
      const measured = await runInterleaved(loads(seconds), rounds)
      const text = ({ requestsPerSecond, cpuMsPerRequest }: typeof measured.bare) =>
        `${Math.round(requestsPerSecond)}/s, ${cpuMsPerRequest.toFixed(2)} ms CPU`
      results.push({
        what: `${what}, ${connections} connection${connections === 1 ? '' : 's'}`,
        measured: text(measured.patchbay),
        baseline: `node:http ${text(measured.bare)}`,
        reached: measured.patchbay.requestsPerSecond / measured.bare.requestsPerSecond,
        target: { atLeast: target },
      })
    }
  }
  return results
}

function withoutCursors(text: string): unknown {
  return JSON.parse(text, (key, value: unknown) => (key === 'endCursor' ? null : value))
}

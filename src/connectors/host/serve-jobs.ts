import { Socket } from 'node:net'
import type { ConnectorRegistry } from '../registry.ts'
import { clampListing } from './clamp-listing.ts'
import { clampMessage } from './clamp-message.ts'
import { errorKind } from './describe-error.ts'
import { encodeFrame, FrameReader } from './frames.ts'
import { findGuardGap } from './guard-self-test.ts'
import { installNetworkGuard, rulesOf } from './network-guard.ts'
import { type ChildWords, channelFd, type Job, type ParentMessage, type QueryJob } from './protocol.ts'
import { RowSender } from './row-sender.ts'
import { runListing } from './run-listing.ts'
import { runQuery } from './run-query.ts'
import { runTest } from './run-test.ts'

const maxJobBytes = 16 * 2 ** 20
const memoryReportMs = 250
/** How long the last message may take to leave before the process exits without it. */
const farewellMs = 500

/**
 * Turns this process into a child of the connector host: one job at a time over the channel that the parent opened, until
 * the parent goes away. Nothing is written to standard output or error on purpose.
 */
export function serveJobs(registry: ConnectorRegistry): void {
  // Before anything else: no module of a type has been loaded yet, and no driver.
  const guard = installNetworkGuard()
  const channel = new Socket({ fd: channelFd, readable: true, writable: true })
  const reader = new FrameReader(maxJobBytes)
  let current: { readonly jobId: number; readonly stop: AbortController; sender?: RowSender } | null = null

  const send = (message: ChildWords, sent?: () => void) => channel.write(encodeFrame(clampMessage(message)), sent)

  const leave = (error: unknown): void => {
    if (!current) process.exit(1)
    setTimeout(() => process.exit(1), farewellMs)
    send({ kind: 'JOB_FAILED', jobId: current.jobId, message: errorKind(error) }, () => process.exit(1))
  }

  const runJob = async (jobId: number, job: Job, signal: AbortSignal): Promise<ChildWords> => {
    const type = registry.byName(job.typeName)
    // Before the type's modules are loaded: what a driver does while it is imported is guarded too.
    guard.enforce(rulesOf(job, type))
    const isSpent = type.needsOwnProcess ?? false
    try {
      if (job.kind === 'QUERY') {
        const { end, leftovers } = await runQuery(type, job, openSender(jobId, job, signal), signal)
        return { kind: 'QUERY_DONE', jobId, end, leftovers: leftovers || isSpent }
      }
      if (job.kind === 'LIST') {
        const { listing, leftovers } = await runListing(type, job, signal)
        const clamped = clampListing(listing, job.request.page.first)
        return { kind: 'LISTING_DONE', jobId, listing: clamped, leftovers: leftovers || isSpent }
      }
      const { leftovers } = await runTest(type, job, step => send({ kind: 'STEP', jobId, step }), signal)
      return { kind: 'TEST_DONE', jobId, leftovers: leftovers || isSpent }
    } finally {
      guard.enforce(null)
    }
  }

  const openSender = (jobId: number, { limits }: QueryJob, signal: AbortSignal): RowSender => {
    const sender = new RowSender({
      jobId,
      limits,
      signal,
      sendColumns: columns => send({ kind: 'COLUMNS', jobId, columns }),
      sendRows: (frame, sent) => {
        channel.cork()
        const [head, rows] = frame
        channel.write(head)
        channel.write(rows, () => sent())
        channel.uncork()
      },
    })
    if (current?.jobId === jobId) current.sender = sender
    return sender
  }

  const receive = (message: ParentMessage): void => {
    if (message.kind !== 'RUN') {
      // What comes too late is about a job that is over.
      if (current?.jobId !== message.jobId) return
      if (message.kind === 'CANCEL') current.stop.abort()
      else current.sender?.credit(message.bytes)
      return
    }
    if (current) throw new Error('A job was sent while another one runs.')
    const { jobId, job } = message
    const stop = new AbortController()
    current = { jobId, stop }
    runJob(jobId, job, stop.signal).then(done => {
      // In this order: a result that cannot be sent is a bug of this job.
      send(done)
      current = null
    }, leave)
  }

  // One handler for both: without a handler of its own, an unhandled rejection is raised as an uncaught exception.
  process.on('uncaughtException', leave)
  // The parent decides when a child ends; Ctrl-C in a terminal reaches the whole group of processes.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {})
  for (const event of ['end', 'close', 'error'] as const) channel.on(event, () => process.exit(0))
  // The parent wrote it: a message of ours needs no check.
  channel.on('data', chunk => {
    for (const body of reader.push(chunk)) receive(JSON.parse(body.toString()) as ParentMessage)
  })

  if (process.platform !== 'linux') {
    const report = () => send({ kind: 'MEMORY', residentMb: Math.round(process.memoryUsage.rss() / 2 ** 20) })
    setInterval(report, memoryReportMs).unref()
  }
  findGuardGap().then(gap => {
    if (gap === null) send({ kind: 'READY' })
    else send({ kind: 'UNFIT', reason: gap }, () => process.exit(1))
  }, leave)
}

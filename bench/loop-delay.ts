import { createServer } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * Loaded into a server's process before its program (`--import`): measures by how much its event loop is late. Whoever
 * connects to `LOOP_DELAY_PORT` gets one line, the percentiles since the last one in milliseconds, as JSON.
 */
export interface LoopDelay {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

const histogram = monitorEventLoopDelay({ resolution: 10 })
histogram.enable()
const ms = (nanoseconds: number) => nanoseconds / 1e6
createServer(socket => {
  const delay: LoopDelay = {
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    max: ms(histogram.max),
  }
  histogram.reset()
  socket.on('error', () => {})
  socket.end(`${JSON.stringify(delay)}\n`)
})
  .listen(Number(process.env['LOOP_DELAY_PORT']), '127.0.0.1')
  .unref()

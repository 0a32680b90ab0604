import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { problemTable } from '../../../src/connectors/problem-table.ts'
import { problemCodes } from '../../../src/connectors/simulator/outcomes.ts'
import { simulatedKeys } from '../../../src/connectors/simulator/step-keys.ts'
import { madeUpHost, play } from '../host/made-up-host.ts'
import { realChild } from './real-child.ts'
import { jobFor } from './simulate.ts'

let host: ConnectorHost
beforeAll(() => {
  host = madeUpHost(realChild)
})
afterAll(() => host.close())

const pages = Array.from({ length: Math.ceil(problemCodes.length / simulatedKeys.length) }, (_, page) =>
  problemCodes.slice(page * simulatedKeys.length, (page + 1) * simulatedKeys.length),
)

describe('every problem code', () => {
  it.each(pages)('arrives from a child with the words of the table: %s ...', async (...codes) => {
    const steps = simulatedKeys.map((step, at) => {
      const code = codes[at]
      return { step, ...(code ? { problem: code, required: false } : { planned: false }) }
    })
    const { outcome, messages } = await play(host, jobFor({ steps, auth: { password: { password: 'any' } } }))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    const ended = messages.flatMap(message => (message.kind === 'STEP_FINISHED' ? [message.report] : []))
    const problems = new Map(ended.flatMap(({ problem }) => (problem ? [[problem.code, problem]] : [])))
    for (const code of codes) {
      const { origin, retryable, message } = problemTable[code]
      const problem = problems.get(code)
      expect(problem).toMatchObject({ code, origin, retryable, docsPath: expect.stringContaining('problems.md#') })
      // The words of the table stand around what was filled in, and everything was.
      const words = message.split(/\{\w+\}/)
      for (const part of words) expect(problem?.message).toContain(part.trim())
      expect(problem?.message).not.toMatch(/[{}]|\?(?!$)/)
      expect(Object.keys(problem?.params ?? {})).toHaveLength(new Set(message.match(/\{\w+\}/g)).size)
    }
  })

  it('speaks of host keys and certificates as real types do', async () => {
    const steps = [
      { step: 'TUNNEL', problem: 'TUNNEL_HOST_KEY_CHANGED', required: false },
      { step: 'SECURE', problem: 'CERTIFICATE_EXPIRES_SOON', required: false },
    ]
    const { messages } = await play(host, jobFor({ steps }))
    const told = messages.flatMap(message =>
      message.kind === 'STEP_FINISHED' && message.report.problem ? [message.report.problem.message] : [],
    )
    expect(told).toEqual([
      expect.stringMatching(
        /^The SSH server ssh\.example\.com has shown the host key SHA256:[\w+/]{43}, not SHA256:[\w+/]{43}\./,
      ),
      expect.stringMatching(/^The server's certificate "CN=db\.example\.com" expires on/),
    ])
  })
})

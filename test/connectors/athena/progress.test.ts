import { describe, expect, it } from 'vitest'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { byKey, nearAws, startAws, testAt } from './athena-run.ts'

/** What is told while a test runs, as `STEP: note`. */
async function notesOf(aws: AwsDoubleOptions, budgetsMs: Readonly<Record<string, number>> = {}) {
  await using double = await startAws(aws)
  const notes: string[] = []
  const reports = await testAt(
    double,
    byKey(),
    nearAws(double, {
      budgetsMs,
      onStep: message => {
        if (message.kind === 'STEP_PROGRESSED') notes.push(`${message.stepId}: ${message.note}`)
      },
    }),
  )
  return { notes, reports }
}

const of = (notes: readonly string[], step: string) => notes.filter(note => note.startsWith(`${step}: `))

describe('while a query of a test goes on', () => {
  it('its reader is told each state as it comes, and each only once', async () => {
    const { notes } = await notesOf({ athena: { waits: ['QUEUED', 'QUEUED', 'QUEUED', 'RUNNING', 'RUNNING'] } })
    for (const step of ['OPEN', 'READ']) {
      const told = of(notes, step)
      expect(told).toHaveLength(2)
      expect(told[0]).toMatch(/turn|queue|wait/i)
      expect(told[1]).toMatch(/run/i)
    }
  })

  it('its reader is told that it waits before its time is over', async () => {
    const { notes, reports } = await notesOf({ athena: { staysIn: () => 'QUEUED' } }, { OPEN: 700 })
    expect(of(notes, 'OPEN')[0]).toMatch(/turn|queue|wait/i)
    expect(reports.OPEN?.status).toBe('FAILED')
  })

  it('a state that goes back is told as it is', async () => {
    // Athena puts queries back for which there was no room after all.
    const { notes } = await notesOf({ athena: { waits: ['QUEUED', 'RUNNING', 'QUEUED', 'RUNNING'] } })
    expect(of(notes, 'OPEN').length).toBeGreaterThanOrEqual(2)
  })

  it('nothing is told of one that is over at once', async () => {
    const { notes, reports } = await notesOf({ athena: { waits: [] } })
    expect(notes).toEqual([])
    expect(reports.READ?.status).toBe('PASSED')
  })
})

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import type { ConnectionTestService, StartTestInput } from '../../src/services/connection-tests.ts'
import { childPids, madeUpHost } from '../connectors/host/made-up-host.ts'
import { type Behaviour, madeUpType } from '../connectors/host/made-up-type.ts'
import { proves } from '../proofs/proves.ts'
import { testDatabases } from '../servers/databases.ts'
import {
  ada,
  collect,
  foldWhole,
  openTestWorld,
  stepStatuses,
  stored,
  type TestWorld,
} from './connection-test-world.ts'

const behaving = (behaviour: Behaviour): StartTestInput => ({
  target: { draft: { inputKey: 'madeUp', value: { behaviour } } },
  mayStartCompute: false,
  lifetime: 'PINNED',
})

describe.each(testDatabases.slice(0, 1))('connection tests in real children, on $name', testDatabase => {
  let world: TestWorld
  let host: ConnectorHost
  let service: ConnectionTestService
  beforeAll(async () => {
    world = await openTestWorld(testDatabase)
    host = madeUpHost()
    service = world.openService(host, { registry: new ConnectorRegistry([madeUpType]) })
  })
  afterAll(async () => {
    await service.close()
    await host.close()
    expect(childPids()).toEqual([])
    expect(world.faults).toEqual([])
    await world.close()
  })

  const followed = async (testId: string) => {
    const seen = await collect(service, testId)
    const { events } = await stored(world, { workspaceId: 'north', id: testId })
    expect(seen.map(progress => progress.event)).toEqual(events)
    return foldWhole(events)
  }

  test.each<{ behaviour: Behaviour; status: string; code?: string; steps: string[] }>([
    { behaviour: 'passes', status: 'PASSED', steps: ['RESOLVE PASSED', 'CONNECT PASSED', 'READ PASSED'] },
    { behaviour: 'fails', status: 'FAILED', steps: ['RESOLVE PASSED', 'CONNECT FAILED', 'READ SKIPPED'] },
    { behaviour: 'throws', status: 'FAILED', steps: ['RESOLVE PASSED', 'CONNECT FAILED', 'READ SKIPPED'] },
    ...(['crashes', 'exits', 'sendsGarbage', 'claimsPassOfOtherStep', 'claimsDone'] as const).map(behaviour => ({
      behaviour,
      status: 'ERRORED',
      code: 'CONNECTOR_HOST_FAILED',
      steps: ['RESOLVE PASSED', 'CONNECT CANCELLED', 'READ SKIPPED'],
    })),
  ])('a child that $behaviour', async ({ behaviour, status, code, steps }) => {
    const row = await service.start(ada, behaving(behaviour))
    const snapshot = await followed(row.id)
    expect(snapshot.status).toBe(status)
    expect(snapshot.problem?.code).toBe(code)
    if (code === 'CONNECTOR_HOST_FAILED') proves('ANY', code, 'DOUBLE')
    expect(stepStatuses(snapshot)).toEqual(steps)
  })

  test.each<Behaviour>(['waits', 'hangs', 'spins'])('a child that %s is cancelled', async behaviour => {
    const row = await service.start(ada, behaving(behaviour))
    for await (const { event } of await service.stream(ada, row.id, {
      afterSequence: 0,
      signal: new AbortController().signal,
    })) {
      if (event.type === 'STEP_PROGRESSED') break
    }
    expect(await service.cancel(ada, row.id)).toMatchObject({ status: 'CANCELLED' })
    expect(stepStatuses(await followed(row.id))).toEqual(['RESOLVE PASSED', 'CONNECT CANCELLED', 'READ CANCELLED'])
  })
})

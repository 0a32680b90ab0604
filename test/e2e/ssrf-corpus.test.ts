import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formFields } from '../../src/connectors/form-fields.ts'
import { createConnectorHost } from '../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import { connectorHostReadRoots } from '../../src/connectors/host/read-roots.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { sourcePaths } from '../harness.ts'
import { proves } from '../proofs/proves.ts'
import { DnsDouble, type DnsNames } from '../servers/dns-double.ts'
import { networkSettings } from '../servers/network-settings.ts'
import { WatchedListeners } from '../servers/watched-listeners.ts'
import { corpus, corpusHosts, corpusNames, loopbackTargets, shortCorpus } from '../ssrf/corpus.ts'
import { dialledFields, srvNameFields } from '../ssrf/dialled-fields.ts'
import { type Answer, inLanes, tryRoute } from '../ssrf/try-route.ts'

const lanes = 4
const dialling = builtInConnectorTypes.flatMap(type =>
  (dialledFields[type.name] ?? []).map(field => ({ name: `${type.name} ${field.path}`, type, field })),
)

let names: DnsDouble
let listeners: WatchedListeners
let host: ConnectorHost

beforeAll(async () => {
  names = await DnsDouble.start(corpusNames)
  listeners = await WatchedListeners.start(loopbackTargets)
  host = createConnectorHost({
    childEntry: sourcePaths.childEntry,
    readRoots: connectorHostReadRoots(sourcePaths.codeFolders),
    // One for each lane, and a fresh one.
    maxChildren: lanes + 1,
    queueWaitMs: 60_000,
  })
})
afterAll(async () => {
  await host?.close()
  await listeners?.[Symbol.asyncDispose]()
  await names?.[Symbol.asyncDispose]()
})

test('the corpus is as large as it should be', () => {
  expect(new Set(corpus.map(route => route.host)).size).toBe(corpus.length)
  expect(corpus.length).toBeGreaterThanOrEqual(120)
})

test.each(builtInConnectorTypes)('every host of the form of $name is in the table of what is dialled', type => {
  expect(Object.keys(dialledFields)).toContain(type.name)
  const fields = dialledFields[type.name]
  if (!fields) return
  expect(fields.length).toBeGreaterThan(0)
  const hostLike = formFields(type.form)
    .filter(({ kind, isDestination }) => kind === 'TEXT' && isDestination)
    .map(({ path }) => path)
    .filter(path => /host|url|uri|endpoint|address|proxy|domain/i.test(path.split('.').at(-1) ?? ''))
    // Pins a key, dials nothing.
    .filter(path => !path.endsWith('Fingerprint'))
  const known = [...fields, ...(srvNameFields[type.name] ?? [])]
  expect(known.map(({ path }) => path).sort()).toEqual(hostLike.sort())
})

/** A problem names the item of a list that it is about. */
const inFirstItem = (path: string) => path.replaceAll('*', '0')

/** `REFUSED_BY_FORM` for a refusal that names the field, otherwise the code of the step that failed. */
function outcomeOf(answer: Answer | undefined, path: string): string | null {
  if (!answer) return null
  if (answer.kind === 'REFUSED_BY_FORM') return answer.paths.includes(path) ? answer.kind : answer.paths.join()
  const reports = answer.messages.flatMap(message => (message.kind === 'STEP_FINISHED' ? [message.report] : []))
  return reports.find(({ status }) => status === 'FAILED')?.problem?.code ?? null
}

describe.each(dialling)('$name', ({ type, field }) => {
  const routes = type.needsOwnProcess ? shortCorpus : corpus
  let answers: readonly Answer[]

  beforeAll(async () => {
    const network = networkSettings({ hosts: corpusHosts, nameServers: [names.address], customEndpoints: true })
    answers = await inLanes(routes, lanes, (route, lane) =>
      tryRoute(host, { type, field, host: route.host, port: listeners.port, network, workspaceId: `lane ${lane}` }),
    )
  }, 180_000)

  test('reaches nothing by any route', () => {
    expect(listeners.connections).toEqual([])
  })

  test('is refused by the form, or denied before anything is dialled, by every route', () => {
    const other = routes
      .map(({ group, host: spelling }, index) => ({
        group,
        spelling,
        outcome: outcomeOf(answers[index], inFirstItem(field.path)),
      }))
      .filter(({ outcome }) => outcome !== 'REFUSED_BY_FORM' && outcome !== 'EGRESS_DENIED')
    expect(other).toEqual([])
    proves(type.name, 'EGRESS_DENIED', 'DOUBLE')
  })

  test('answers every denied route in the same words, without an address', () => {
    const denied = answers.filter(answer => answer.kind === 'TESTED')
    // A form that takes no port takes no IPv6 address either, which would look like one.
    const share = field.hasFixedPort === true ? 0.3 : 0.45
    expect(denied.length).toBeGreaterThanOrEqual(routes.length * share)
    // Each answer whole: every step, its status, evidence and problem. None of them has an address to differ by.
    expect([...new Set(denied.map(answer => JSON.stringify(answer.messages)))]).toHaveLength(1)
    expect(JSON.stringify(denied[0])).not.toMatch(/\d+\.\d+\.|::/)
    const hostField = inFirstItem(field.path)
    // A URL has both in one field.
    const portField = field.hasFixedPort === true ? hostField : hostField.replace(/host$/, 'port')
    const fields = [...new Set([hostField, portField])]
    expect(denied[0]?.messages).toContainEqual(
      expect.objectContaining({
        report: expect.objectContaining({
          status: 'FAILED',
          evidence: [],
          problem: expect.objectContaining({ fields, params: {}, detail: null, remedies: [] }),
        }),
      }),
    )
  })

  test('is dialled at the address that was checked, whatever its name leads to afterwards', async () => {
    const [checked, other] = ['127.0.0.1', '127.0.0.2']
    await using watched = await WatchedListeners.start([checked, other])
    let asked = 0
    await using rebinding = await DnsDouble.start({
      // Both addresses may be dialled: nothing but the one answer that counts keeps the other one out.
      'rebinding.test': type => (type === 'AAAA' ? [] : asked++ === 0 ? [checked] : [other]),
    })
    const network = networkSettings({
      egress: { allowLoopback: true },
      nameServers: [rebinding.address],
      customEndpoints: true,
      ...(field.hasFixedPort === true && {
        cloudEndpoints: { 'rebinding.test': `https://rebinding.test:${watched.port}` },
      }),
    })
    const attempt = { type, field, host: 'rebinding.test', port: watched.port, network, workspaceId: 'rebinding' }
    await tryRoute(host, attempt)
    // Some types look again when a server hangs up on a handshake; where they look is decided once.
    expect(watched.connections.length).toBeGreaterThan(0)
    expect(watched.connections.filter(each => !each.startsWith('127.0.0.1 from '))).toEqual([])
    expect(rebinding.questions.toSorted()).toEqual(['A rebinding.test', 'AAAA rebinding.test'])
  })
})

/** Names that stand for servers in their own domain, at every address of the corpus. */
const srvNames = (port: number): DnsNames =>
  Object.fromEntries(
    Object.entries(corpusNames).flatMap(([name, answer]) => [
      [`_mongodb._tcp.${name}`, { services: [{ host: `node.${name}`, port }] }],
      [`node.${name}`, answer],
    ]),
  )

describe.each(
  builtInConnectorTypes.flatMap(type =>
    (srvNameFields[type.name] ?? []).map(field => ({ name: `${type.name} ${field.path}`, type, field })),
  ),
)('$name', ({ type, field }) => {
  test('leads to nothing that must not be reached, whatever its records say', async () => {
    await using dns = await DnsDouble.start(srvNames(listeners.port))
    const network = networkSettings({ nameServers: [dns.address] })
    const before = listeners.connections.length
    const routes = Object.keys(corpusNames)
    const answers = await inLanes(routes, lanes, (route, lane) =>
      tryRoute(host, { type, field, host: route, port: listeners.port, network, workspaceId: `lane ${lane}` }),
    )
    expect(answers.map(answer => outcomeOf(answer, field.path))).toEqual(
      routes.map(() => expect.stringMatching(/^(REFUSED_BY_FORM|EGRESS_DENIED)$/)),
    )
    expect(listeners.connections.length).toBe(before)
    const denied = answers.filter(answer => answer.kind === 'TESTED')
    expect(denied.length).toBeGreaterThanOrEqual(20)
    expect([...new Set(denied.map(answer => JSON.stringify(answer.messages)))]).toHaveLength(1)
    expect(JSON.stringify(denied[0])).not.toMatch(/\d+\.\d+\.|::/)
  }, 60_000)
})

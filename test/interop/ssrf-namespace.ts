import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnectorHost } from '../../src/connectors/host/child-pool.ts'
import { connectorHostReadRoots } from '../../src/connectors/host/read-roots.ts'
import { parseHosts } from '../../src/connectors/network/settings.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { RogueServer, rogueHost, rogueJob } from '../connectors/host/rogue-server.ts'
import type { Order } from '../connectors/host/rogue-type.ts'
import { DnsDouble } from '../servers/dns-double.ts'
import { networkSettings } from '../servers/network-settings.ts'
import { WatchedListeners } from '../servers/watched-listeners.ts'
import { corpus, corpusHosts, corpusNames, insideTargets, loopbackTargets, shortCorpus } from '../ssrf/corpus.ts'
import { dialledFields } from '../ssrf/dialled-fields.ts'
import { type Answer, inLanes, tryRoute } from '../ssrf/try-route.ts'

/**
 * Tries the whole corpus where its addresses exist, with somebody listening on each, and prints what was observed as
 * JSON. Meant to be run in a network and mount namespace of its own, whose only interface is loopback.
 */
export interface NamespaceReport {
  readonly listeners: number
  /** One deliberate connection to each listener, which shows that both counters count. */
  readonly control: Counted
  readonly corpus: Counted & { readonly routes: number; readonly outcomes: Readonly<Record<string, number>> }
  /** For each field that is dialled, a name that leads outside first and inside from then on. */
  readonly rebinding: readonly (Counted & Rebinding)[]
  /** What a driver came upon that did what a server outside told it. */
  readonly rogue: Counted & {
    readonly orders: number
    readonly answers: Readonly<Record<string, number>>
    /** Connections that were allowed: to the server, to its redirects, and one to show that connecting works. */
    readonly allowed: number
  }
}

interface Rebinding {
  readonly field: string
  readonly failedStep: string
  /** Connections at the address that was checked. */
  readonly outside: number
}

interface Counted {
  /** Connections at listeners on denied addresses. */
  readonly connections: number
  /** TCP connections that anybody in the namespace began, by the kernel's count. */
  readonly opened: number
}

/** A public address as far as the policy knows; here it is on loopback like all others. */
const outside = '203.0.114.7'
const targets = [...loopbackTargets, ...insideTargets]
const lanes = 4

const run = (command: string, ...args: readonly string[]) => {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
}

const directory = await mkdtemp(join(tmpdir(), 'patchbay-ssrf-'))
try {
  await prepareMachine()
  process.stdout.write(JSON.stringify(await observe()))
} finally {
  await rm(directory, { recursive: true, force: true })
}

/** Gives loopback every address of the corpus, and the resolver of this machine names of our own. */
async function prepareMachine(): Promise<void> {
  run('ip', 'link', 'set', 'lo', 'up')
  for (const address of [...insideTargets, outside]) {
    const isIpv6 = address.includes(':')
    run('ip', 'address', 'add', `${address}/${isIpv6 ? 128 : 32}`, 'dev', 'lo', ...(isIpv6 ? ['nodad'] : []))
  }
  const hosts = Object.entries(corpusHosts).flatMap(([name, addresses]) => addresses.map(each => `${each} ${name}`))
  for (const [file, text] of [
    ['resolv.conf', 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n'],
    ['hosts', `${hosts.join('\n')}\n`],
  ] as const) {
    await writeFile(join(directory, file), text)
    run('mount', '--bind', join(directory, file), join('/etc', file))
  }
}

async function observe(): Promise<NamespaceReport> {
  const fields = builtInConnectorTypes.flatMap(type => (dialledFields[type.name] ?? []).map(field => ({ type, field })))
  const rebinds = () => {
    let asked = 0
    return (type: string) => (type === 'AAAA' ? [] : asked++ < 1 ? [outside] : ['10.0.0.5'])
  }
  const rebinding = fields.map((each, index) => ({ ...each, host: `rebinding-${index}.test` }))
  let lookedUp = 0
  // The machine's resolver asks for both families each time.
  const rebindsForLookup = () => (lookedUp++ < 2 ? [outside] : ['10.0.0.5'])
  const zone = {
    ...corpusNames,
    ...Object.fromEntries(rebinding.map(each => [each.host, rebinds()])),
    'rebinding-lookup.test': rebindsForLookup,
  }
  await using names = await DnsDouble.start(zone, 53)
  await using denied = await WatchedListeners.start(targets)
  await using allowed = await WatchedListeners.start([outside], denied.port)
  const { port } = denied
  const hosts = parseHosts(await readFile('/etc/hosts', 'utf8'))
  const network = networkSettings({ hosts, nameServers: ['127.0.0.1'], customEndpoints: true })

  /** Counts around `work`; questions that went over TCP are none of its connections. */
  async function counted<Result>(work: () => Promise<Result>): Promise<Result & Counted> {
    const overTcp = () => names.questions.filter(question => question.endsWith('(TCP)')).length
    const before = { opened: (await opened()) - overTcp(), connections: denied.connections.length }
    const result = await work()
    return {
      ...result,
      opened: (await opened()) - overTcp() - before.opened,
      connections: denied.connections.length - before.connections,
    }
  }

  const control = await counted(async () => {
    for (const address of targets) await once(connect(port, address), 'close')
    return {}
  })

  const host = createConnectorHost({
    childEntry: new URL('../../src/connectors/host/child.ts', import.meta.url),
    readRoots: connectorHostReadRoots([new URL('../../src/', import.meta.url)]),
    maxChildren: lanes + 1,
    queueWaitMs: 60_000,
  })
  const attempts = fields.flatMap(each =>
    (each.type.needsOwnProcess ? shortCorpus : corpus).map(route => ({ ...each, host: route.host })),
  )
  const ofCorpus = await counted(async () => {
    const answers = await inLanes(attempts, lanes, (attempt, lane) =>
      tryRoute(host, { ...attempt, port, network, workspaceId: `lane ${lane}` }),
    )
    return { routes: attempts.length, outcomes: tally(answers.map(outcomeOf)) }
  })
  const ofRebinding: (Counted & Rebinding)[] = []
  for (const each of rebinding) {
    const before = allowed.connections.length
    const observed = await counted(async () => {
      // A form without a port leads elsewhere than to 443 only where the operator says so.
      const moved = each.field.hasFixedPort === true && {
        cloudEndpoints: { [each.host]: `https://${each.host}:${port}` },
      }
      const attempt = { ...each, port, network: { ...network, ...moved }, workspaceId: 'lane 0' }
      const answer = await tryRoute(host, attempt)
      return {
        field: `${each.type.name} ${each.field.path}`,
        failedStep: failedStepOf(answer),
        outside: allowed.connections.length - before,
      }
    })
    ofRebinding.push(observed)
  }
  await host.close()

  const rogue = await counted(() => beRogue(port, allowed))
  return { listeners: targets.length, control, corpus: ofCorpus, rebinding: ofRebinding, rogue }
}

/** A server outside that names every denied address to a driver that obeys. */
async function beRogue(port: number, allowed: WatchedListeners) {
  const inUrl = (address: string) => (address.includes(':') ? `[${address}]` : address)
  let redirects = 0
  const redirecting = createServer((request, response) => {
    response.writeHead(302, { location: decodeURIComponent(request.url?.slice(1) ?? ''), connection: 'close' }).end()
  }).on('connection', () => {
    redirects += 1
  })
  await once(redirecting.listen(0, outside), 'listening')
  const { port: redirectPort } = redirecting.address() as AddressInfo
  const redirectTo = (url: string) => `http://${outside}:${redirectPort}/${encodeURIComponent(url)}`
  const namesInside = [...Object.keys(corpusNames), ...Object.keys(corpusHosts)].filter(
    name => name !== 'thousand.test',
  )
  const toEach = (address: string): readonly Order[] => [
    { do: 'CONNECT', options: { host: address, port } },
    { do: 'CONNECT_TLS', options: { host: address, port } },
    { do: 'CONNECT_AS_BEFORE', options: { host: address, port } },
    { do: 'CONNECT_WITH_OWN_BLOCK_LIST', options: { host: address, port } },
    { do: 'CONNECT', options: { host: 'server.named', port }, addresses: [address] },
    { do: 'CONNECT', options: { host: 'server.named', port }, addresses: [outside, address] },
    { do: 'FETCH', url: `http://${inUrl(address)}:${port}/` },
    { do: 'FETCH', url: redirectTo(`http://${inUrl(address)}:${port}/`) },
    { do: 'HTTP_GET', url: `http://${inUrl(address)}:${port}/` },
  ]
  const orders: readonly Order[] = [
    ...targets.flatMap(toEach),
    ...namesInside.map((name): Order => ({ do: 'CONNECT', options: { host: name, port } })),
    { do: 'FETCH', url: redirectTo(`http://metadata.google.internal:${port}/`) },
    { do: 'FETCH', url: redirectTo(`http://2852039166:${port}/`) },
    { do: 'CONNECT', options: { host: outside, port } },
    { do: 'CONNECT', options: { host: 'rebinding-lookup.test', port } },
    { do: 'CONNECT', options: { host: 'rebinding-lookup.test', port } },
  ]
  const before = allowed.connections.length
  await using server = await RogueServer.start(orders, outside)
  const host = rogueHost()
  const job = rogueJob({ host: outside, port: server.port, network: { nameServers: ['127.0.0.1'] } })
  const options = { workspaceId: 'a', signal: new AbortController().signal, deadlineMs: 60_000 }
  await host.test(job, () => {}, options)
  await host.close()
  redirecting.close()
  return {
    orders: orders.length,
    answers: tally(server.received),
    allowed: server.connections + redirects + allowed.connections.length - before,
  }
}

function outcomeOf(answer: Answer): string {
  if (answer.kind === 'REFUSED_BY_FORM') return answer.kind
  const reports = answer.messages.flatMap(message => (message.kind === 'STEP_FINISHED' ? [message.report] : []))
  return reports.find(({ status }) => status === 'FAILED')?.problem?.code ?? 'nothing failed'
}

function failedStepOf(answer: Answer): string {
  if (answer.kind === 'REFUSED_BY_FORM') return answer.kind
  const failed = answer.messages.find(each => each.kind === 'STEP_FINISHED' && each.report.status === 'FAILED')
  // Where two steps share a key, what is typed tells them apart.
  return failed?.stepId.split(':')[0] ?? 'nothing failed'
}

function tally(values: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}

/** Of this namespace, IPv4 and IPv6 together: every SYN that was sent belongs to one of them. */
async function opened(): Promise<number> {
  const [header = '', values = ''] = (await readFile('/proc/net/snmp', 'utf8'))
    .split('\n')
    .filter(line => line.startsWith('Tcp:'))
  return Number(values.split(' ')[header.split(' ').indexOf('ActiveOpens')])
}

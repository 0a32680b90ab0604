import type { StepReport } from '../connection-test.ts'
import { type Endpoint, failed, type NetworkSettings, type StepContext } from '../define.ts'
import { problem } from '../problem.ts'
import type { MongodbConfig } from './form.ts'
import { ServerProbe } from './server-probe.ts'
import { resolveSrv, type SrvResolution, srvDomain, srvRecordName } from './srv.ts'

/** What a TXT record may say; the form's own words come first. */
export interface TxtOptions {
  readonly authSource?: string
  readonly replicaSet?: string
}

export type Seeds =
  | { readonly kind: 'SEEDS'; readonly probes: readonly ServerProbe[]; readonly options: TxtOptions }
  | { readonly kind: 'FAILED'; readonly report: StepReport }

/** The servers that the form names, or those that its SRV name stands for. Rejects only with the signal's reason. */
export async function findSeeds(
  config: MongodbConfig,
  network: NetworkSettings,
  { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
): Promise<Seeds> {
  const { srvHost } = config
  if (srvHost === undefined) {
    const probes = config.hosts.map((endpoint, index) => {
      const fields = { host: `hosts.${index}.host`, port: `hosts.${index}.port` }
      return new ServerProbe(endpoint, fields, config, network)
    })
    return { kind: 'SEEDS', probes, options: {} }
  }
  const found = await resolveSrv(srvHost, { network, signal, deadlineMs: budgetMs / 2 })
  if (found.kind !== 'SERVERS') return { kind: 'FAILED', report: srvFailure(srvHost, found, budgetMs / 2_000) }
  const options = readTxtOptions(found.text)
  if (typeof options === 'string') return { kind: 'FAILED', report: optionsRefused(srvHost, options) }
  return { kind: 'SEEDS', probes: found.servers.map(server => atSrvName(server, config, network)), options }
}

const srvFields = { host: 'srvHost', port: 'srvHost' }

const atSrvName = (server: Endpoint, config: MongodbConfig, network: NetworkSettings): ServerProbe =>
  new ServerProbe(server, srvFields, config, network)

function srvFailure(host: string, found: Exclude<SrvResolution, { kind: 'SERVERS' }>, seconds: number): StepReport {
  const fields = ['srvHost']
  switch (found.kind) {
    case 'NOT_FOUND':
      return failed(problem('SRV_NOT_FOUND', { params: { host, record: srvRecordName(host) }, fields }))
    case 'OUTSIDE': {
      const { target } = found
      return failed(problem('SRV_OUTSIDE_DOMAIN', { params: { host, target, domain: srvDomain(host) }, fields }))
    }
    case 'AMBIGUOUS_TEXT':
      return optionsRefused(host, 'its options in several records')
    case 'FAILED':
      return failed(problem('NAME_RESOLUTION_FAILED', { params: { host }, detail: found.code, fields }))
    case 'TIMED_OUT':
      return failed(problem('NAME_RESOLUTION_TIMED_OUT', { params: { host, seconds }, fields }))
  }
}

const optionsRefused = (host: string, options: string): StepReport =>
  failed(problem('SRV_OPTIONS_REFUSED', { params: { host, options }, fields: ['srvHost'] }))

const allowedOptions = ['authSource', 'replicaSet'] as const

/** `authSource=admin&replicaSet=rs0`. Answers what it may not set, where it does. */
export function readTxtOptions(text: string | null): TxtOptions | string {
  const options: { authSource?: string; replicaSet?: string } = {}
  for (const [name, value] of new URLSearchParams(text ?? '')) {
    const known = allowedOptions.find(allowed => allowed.toLowerCase() === name.toLowerCase())
    if (known === undefined) return `"${name.slice(0, 100)}"`
    if (options[known] !== undefined) return `"${known}" twice`
    if (value === '' || value.length > 128 || value.includes('\0')) return `"${known}" to what is no name`
    options[known] = value
  }
  return options
}

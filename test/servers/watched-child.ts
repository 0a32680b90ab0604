import fs from 'node:fs'
import net from 'node:net'
import type { ConnectorType } from '../../src/connectors/define.ts'
import { serveJobs } from '../../src/connectors/host/serve-jobs.ts'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'

/** Ends the process in the place of what no driver may do: nothing else would be heard outside. */
const end = (): never => process.exit(70)

const writing = [
  'writeFile',
  'writeFileSync',
  'appendFile',
  'appendFileSync',
  'createWriteStream',
  'mkdir',
  'mkdirSync',
]
const near = ['127.0.0.1', '::1', 'localhost']

/** From the first driver on; before it the sandbox tries itself out, by doing what is forbidden. */
let watch = (): void => {
  watch = () => {}
  for (const stream of [process.stdout, process.stderr]) stream.write = end
  for (const name of writing) Object.assign(fs, { [name]: end })
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    const [options] = args.flat() as readonly { readonly host?: string }[]
    if (options?.host !== undefined && !near.includes(options.host)) end()
    return Reflect.apply(connect, this, args) as net.Socket
  }
  const environment = JSON.stringify(process.env)
  setInterval(() => JSON.stringify(process.env) === environment || end(), 20).unref()
}

const watched = (type: ConnectorType): ConnectorType => ({
  ...type,
  loadSteps: () => {
    watch()
    return type.loadSteps()
  },
  loadQuery: () => {
    watch()
    return type.loadQuery()
  },
})

/**
 * A child of the connector host that ends at once when a driver prints a line, opens a file to write to it, changes the
 * environment or dials anything but loopback, whether or not the sandbox would have let it: what it would not have is none
 * of a driver's business either.
 */
serveJobs(new ConnectorRegistry(builtInConnectorTypes.map(watched)))

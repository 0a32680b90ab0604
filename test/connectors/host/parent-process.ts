import { registerHooks } from 'node:module'

/**
 * A process that uses the parent's half of everything about connectors and then waits to be killed. It prints one line
 * of JSON: what it loaded, and its children. With the argument `load-driver` it loads one, to show that it would be seen;
 * with `spin` one of its children burns the processor.
 */
const loaded: string[] = []
registerHooks({
  load: (url, context, next) => {
    loaded.push(url)
    return next(url, context)
  },
})

const { builtInConnectorTypes } = await import('../../../src/connectors/registry.ts')
// Not before the hook is in place.
const { childPids, madeUpHost, play, testJob } = await import('./made-up-host.ts')
if (process.argv.includes('load-driver')) await import('pg')
const host = madeUpHost()
const { outcome } = await play(host, testJob('passes'))
if (process.argv.includes('spin')) {
  const spinning = Promise.withResolvers<void>()
  void play(host, testJob('spins'), { deadlineMs: 600_000 }, message => {
    if (message.kind === 'STEP_PROGRESSED') spinning.resolve()
  })
  await spinning.promise
}
const types = builtInConnectorTypes.map(type => type.name)
process.stdout.write(`${JSON.stringify({ outcome, types, loaded, children: childPids() })}\n`)
setInterval(() => {}, 1_000)

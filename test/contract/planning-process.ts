import { registerHooks } from 'node:module'

/**
 * A process that does with connector types what the API's own does with them: validates inputs, plans their tests, names
 * their accounts. Reads `[[inputKey, input], ...]` as JSON from its input; prints as one line of JSON the plans, and the
 * addresses of the modules that were loaded before and while planning.
 */
const loaded: string[] = []
registerHooks({
  load: (url, context, next) => {
    loaded.push(url)
    return next(url, context)
  },
})

const { builtInConnectorTypes, ConnectorRegistry } = await import('../../src/connectors/registry.ts')
const { validateForm } = await import('../../src/connectors/form-validation.ts')
const { text } = await import('node:stream/consumers')

const registry = new ConnectorRegistry(builtInConnectorTypes)
const inputs = JSON.parse(await text(process.stdin)) as readonly (readonly [string, unknown])[]
const before = loaded.length
const plans = inputs.map(([inputKey, input]) => {
  const type = registry.byInputKey(inputKey)
  const parsed = validateForm(type.form, input)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  const config = parsed.value
  type.accounts?.(config)
  type.tunnel?.(config)
  type.queryBudgetMs(config)
  return type.plan(config)
})
const atOnce = loaded.slice(before)
// What is loaded behind the back of a plan that did not wait for it has been by then.
process.once('beforeExit', () => {
  process.stdout.write(
    `${JSON.stringify({ plans, loaded, whilePlanning: [...atOnce, ...loaded.slice(before + atOnce.length)] })}\n`,
  )
})

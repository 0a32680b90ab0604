/** One `path` of a policy. */
export interface PolicyRule {
  readonly path: string
  readonly capabilities: ReadonlySet<string>
}

/** The policy cannot be read; the message is Vault's. */
export class PolicyError extends Error {
  constructor(message: string) {
    super(`failed to parse policy: ${message}`)
    this.name = 'PolicyError'
  }
}

const capabilityNames = ['deny', 'create', 'read', 'update', 'delete', 'list', 'sudo', 'patch', 'scan', 'root']

type Token = { readonly text: string; readonly isString: boolean; readonly at: string }

/** Line and column. */
function placeOf(policy: string, index: number): string {
  const before = policy.slice(0, index)
  return `${before.split('\n').length}:${before.length - before.lastIndexOf('\n')}`
}

function tokensOf(policy: string): Token[] {
  const tokens: Token[] = []
  const pattern = /#.*|\/\/.*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|[{}[\]=,]|[A-Za-z_][\w-]*|\s+|(.)/g
  for (const match of policy.matchAll(pattern)) {
    const [text, unknown] = match
    const at = placeOf(policy, match.index)
    if (unknown !== undefined) throw new PolicyError(`At ${at}: illegal character`)
    if (/^(#|\/\/|\/\*|\s)/.test(text)) continue
    const isString = text.startsWith('"')
    // HCL's escapes of what stands in paths are JSON's.
    tokens.push({ text: isString ? String(JSON.parse(text)) : text, isString, at })
  }
  return tokens
}

/** Reads a policy in HCL: what `capabilities` grant on each `path`. Nothing else of the language is known here. */
export function parsePolicy(policy: string): readonly PolicyRule[] {
  const tokens = tokensOf(policy)
  let position = 0
  const next = (): Token => {
    const token = tokens[position++]
    if (token) return token
    throw new PolicyError(`At ${placeOf(policy, policy.length)}: object expected closing RBRACE got: EOF`)
  }
  const expect = (text: string): void => {
    const token = next()
    if (token.text !== text || token.isString) {
      throw new PolicyError(`At ${token.at}: expected "${text}" got: ${token.text}`)
    }
  }
  const rules: PolicyRule[] = []
  while (position < tokens.length) {
    expect('path')
    const { text: path, isString, at } = next()
    if (!isString) throw new PolicyError(`At ${at}: expected a path got: ${path}`)
    expect('{')
    const capabilities = new Set<string>()
    for (let key = next(); key.text !== '}' || key.isString; key = next()) {
      if (key.text !== 'capabilities')
        throw new PolicyError(
          `path "${path}": 1 error occurred:\n\t* invalid key "${key.text}" on line ${key.at.split(':')[0]}\n\n`,
        )
      expect('=')
      expect('[')
      for (let each = next(); each.text !== ']' || each.isString; each = next()) {
        if (each.text === ',' && !each.isString) continue
        if (!each.isString) throw new PolicyError(`At ${each.at}: expected a text got: ${each.text}`)
        if (!capabilityNames.includes(each.text)) {
          throw new PolicyError(`path "${path}": path "${path}": invalid capability "${each.text}"`)
        }
        capabilities.add(each.text)
      }
    }
    if (path.includes('+*'))
      throw new PolicyError(`path "${path}": path "${path}": invalid use of wildcards ('+*' is forbidden)`)
    rules.push({ path: path.replace(/^\//, ''), capabilities })
  }
  return rules
}

const hasSegments = (path: string): boolean => path.split('/').includes('+')
const isExact = (path: string): boolean => !path.endsWith('*') && !hasSegments(path)

function matches(pattern: string, path: string): boolean {
  const isPrefix = pattern.endsWith('*')
  const bare = isPrefix ? pattern.slice(0, -1) : pattern
  if (!hasSegments(pattern)) return isPrefix ? path.startsWith(bare) : path === bare
  const [wanted, given] = [bare.split('/'), path.split('/')]
  if (isPrefix ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, index) => {
    const each = given[index] ?? ''
    if (segment === '+') return true
    return isPrefix && index === wanted.length - 1 ? each.startsWith(segment) : each === segment
  })
}

const firstWildcard = (path: string): number => {
  const positions = [path.search(/(?<=^|\/)\+(?=\/|$)/), path.endsWith('*') ? path.length - 1 : -1]
  return Math.min(...positions.filter(position => position >= 0))
}

/** Vault's order of rules that match the same path: positive when the first one goes before the second one. */
function precedence(a: string, b: string): number {
  const segments = (path: string) => path.split('/').filter(segment => segment === '+').length
  return (
    firstWildcard(a) - firstWildcard(b) ||
    Number(b.endsWith('*')) - Number(a.endsWith('*')) ||
    segments(b) - segments(a) ||
    a.length - b.length ||
    (a < b ? -1 : 1)
  )
}

/** What a path is open for. Of rules for the same path all count together; of others the most specific one alone. */
export function capabilitiesOn(rules: readonly PolicyRule[], path: string): ReadonlySet<string> {
  const exact = rules.filter(rule => isExact(rule.path) && rule.path === path)
  if (exact.length > 0) return together(exact)
  const [first, ...others] = rules.filter(rule => !isExact(rule.path) && matches(rule.path, path))
  if (!first) return new Set()
  const best = others.reduce((found, rule) => (precedence(rule.path, found.path) > 0 ? rule : found), first)
  return together([first, ...others].filter(rule => rule.path === best.path))
}

function together(rules: readonly PolicyRule[]): ReadonlySet<string> {
  const all = new Set(rules.flatMap(rule => [...rule.capabilities]))
  return all.has('deny') ? new Set() : all
}

/** Whether the rules let somebody do it. Lists are asked for with and without a slash at the end. */
export function isAllowed(rules: readonly PolicyRule[], path: string, capability: string): boolean {
  const bare = path.replace(/\/$/, '')
  if (capability !== 'list' || bare === path) return capabilitiesOn(rules, path).has(capability)
  const known = (candidate: string) => rules.some(rule => matches(rule.path, candidate))
  const exact = [path, bare].find(candidate => rules.some(rule => isExact(rule.path) && rule.path === candidate))
  return capabilitiesOn(rules, exact ?? (known(bare) ? bare : path)).has(capability)
}

interface Statement {
  readonly Effect: string
  readonly Action: string | readonly string[]
  readonly Resource: string | readonly string[]
}

const listed = (value: string | readonly string[]) => (typeof value === 'string' ? [value] : value)

/** `*` stands for any text, `?` for one character; `${*}`, `${?}` and `${$}` for those themselves. */
const matches = (pattern: string, text: string): boolean => {
  const parts = pattern.match(/\$\{[*?$]\}|./gs) ?? []
  const written = parts.map(part => {
    if (part === '*') return '.*'
    return part === '?' ? '.' : escaped(part.length > 1 ? part.charAt(2) : part)
  })
  return new RegExp(`^${written.join('')}$`, 's').test(text)
}

const escaped = (character: string) => character.replace(/[.*+?^${}()|[\]\\]/, '\\$&')

/** Whether a policy's document allows an action on a resource, as far as both have no conditions. */
export function policyAllows(document: string, action: string, resource: string): boolean {
  const { Statement } = JSON.parse(document) as { readonly Statement: Statement | readonly Statement[] }
  const statements = Array.isArray(Statement) ? (Statement as readonly Statement[]) : [Statement as Statement]
  const about = statements.filter(
    each =>
      listed(each.Action).some(pattern => matches(pattern.toLowerCase(), action.toLowerCase())) &&
      listed(each.Resource).some(pattern => matches(pattern, resource)),
  )
  return about.some(({ Effect }) => Effect === 'Allow') && !about.some(({ Effect }) => Effect === 'Deny')
}

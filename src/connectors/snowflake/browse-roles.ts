import type { FieldOption, Listing, ListingPage } from '../browse.ts'
import { pageByName } from '../listed-page.ts'
import { AnswerFaultError } from './answers.ts'
import { isRefusal } from './refusal.ts'
import type { Work } from './work.ts'

/** The roles that the user may use. Throws as `Work.run`. */
export async function listRoles(work: Work, page: ListingPage): Promise<Listing<FieldOption>> {
  const { items, next } = pageByName([...new Set(await availableRoles(work))], name => name, page)
  return { items: items.map(value => ({ value })), next, problem: null }
}

/** Those that the user's own roles have as well; where that function is not answered, only those that are the user's own. */
async function availableRoles(work: Work): Promise<readonly string[]> {
  try {
    const [text] = await work.ask('SELECT CURRENT_AVAILABLE_ROLES()')
    return namesIn(text ?? '')
  } catch (error) {
    if (!isRefusal(error)) throw error
  }
  const { rows } = await work.list('SHOW GRANTS')
  // Everybody has it.
  return ['PUBLIC', ...rows.flatMap(({ role = '' }) => (role === '' ? [] : [role]))]
}

function namesIn(text: string): readonly string[] {
  let told: unknown
  try {
    told = JSON.parse(text)
  } catch {
    told = null
  }
  const names = Array.isArray(told) ? told.filter(name => typeof name === 'string' && name !== '') : null
  if (!names) throw new AnswerFaultError('its list of roles is none')
  return names
}

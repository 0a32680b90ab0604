import type { ListingPage } from '../browse.ts'
import type { Page } from '../listed-page.ts'
import { unknownPage } from '../listing-problem-error.ts'
import { AnswerFaultError } from './answers.ts'
import { objectName } from './form.ts'
import { escapedForLike, quoteText } from './names.ts'
import type { ListedRow, Work } from './work.ts'

export interface ShownPage extends Pick<Page<ListedRow>, 'next'> {
  readonly rows: readonly ListedRow[]
}

/** Every database has it of itself; it tells what else there is. */
const describing = /^information_schema$/i

/**
 * A page of what SHOW lists, which is ordered by name: behind a name, and no more than is wanted, so that its cut after
 * 10,000 rows is never reached. SHOW takes no parameters, so what comes from clients is quoted. Throws as `Work.list`.
 * https://docs.snowflake.com/en/sql-reference/sql/show-objects
 */
export async function showPage(
  work: Work,
  kind: 'DATABASES' | 'SCHEMAS' | 'OBJECTS',
  within: string,
  { search, first, after }: ListingPage,
): Promise<ShownPage> {
  if (after !== null && !objectName.safeParse(after).success) throw unknownPage()
  const like = search === null ? '' : ` LIKE ${quoteText(`%${escapedForLike(search)}%`)}`
  const from = after === null ? '' : ` FROM ${quoteText(after)}`
  // One more tells that there are more; another one in case that FROM should have its own name in the list.
  const limit = first + 2
  const { rows } = await work.list(`SHOW ${kind}${like}${within} LIMIT ${limit}${from}`, limit)
  const before = after === null ? -1 : rows.findIndex(({ name }) => name === after)
  // Whoever does not understand FROM would show the same names again and again.
  if (before > 0) throw new AnswerFaultError('its list does not begin where it was asked to')
  const behind = rows.slice(before + 1)
  const shown = behind.slice(0, first)
  return {
    rows: shown.filter(({ name = '' }) => name !== '' && !(kind === 'SCHEMAS' && describing.test(name))),
    next: behind.length > first ? (shown.at(-1)?.['name'] ?? null) : null,
  }
}

import { newId } from './ids.ts'

/** Makes ids of entries: each sorts after the one before, also within a millisecond and when the clock goes back. */
export function auditIds(now: () => Date = () => new Date()) {
  let last = ''
  return (): { readonly id: string; readonly at: Date } => {
    const clock = Math.max(now().getTime(), last === '' ? 0 : timeOf(last))
    // The 12 bits after the version: a counter within the millisecond.
    const count = last !== '' && timeOf(last) === clock ? countOf(last) + 1 : 0
    const time = count > 0xfff ? clock + 1 : clock
    const random = newId(time)
    last = `${random.slice(0, 15)}${(count & 0xfff).toString(16).padStart(3, '0')}${random.slice(18)}`
    return { id: last, at: new Date(time) }
  }
}

/** No entry of before `time` has an id that sorts after this one, and none of later one that sorts before it. */
export function firstAuditId(time: Date): string {
  const hex = clamped(time.getTime()).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-`
}

/** When an entry was written, in milliseconds; null for what is no such id. */
export const auditIdTime = (id: string): number | null => (/^[0-9a-f]{8}-[0-9a-f]{4}-/.test(id) ? timeOf(id) : null)

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
const countOf = (id: string): number => Number.parseInt(id.slice(15, 18), 16)
/** What 48 bits can hold. */
const clamped = (time: number): number => Math.min(Math.max(time, 0), 2 ** 48 - 1)

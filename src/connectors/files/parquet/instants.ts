import type { TimeUnit } from './schema.ts'

const perSecond: Readonly<Record<TimeUnit, bigint>> = { MILLIS: 1_000n, MICROS: 1_000_000n, NANOS: 1_000_000_000n }
const digits: Readonly<Record<TimeUnit, number>> = { MILLIS: 3, MICROS: 6, NANOS: 9 }

const secondsPerDay = 86_400
/** INT96 counts days of the Julian calendar: 1970-01-01 is this one. */
const julianEpoch = 2_440_588n
const nanosPerDay = 86_400_000_000_000n

/** `2026-01-02`; days that no date of JavaScript reaches stay numbers. */
export function dateText(days: number): string {
  const date = new Date(days * secondsPerDay * 1_000)
  return Number.isNaN(date.getTime()) ? `${days} d` : date.toISOString().slice(0, -'T00:00:00.000Z'.length)
}

/** `2026-01-02T03:04:05.678901Z`, and without the Z where it is a local time. */
export function timestampText(value: bigint, unit: TimeUnit, isUtc: boolean): string {
  const [seconds, fraction] = divided(value, perSecond[unit])
  const date = new Date(Number(seconds) * 1_000)
  if (Number.isNaN(date.getTime())) return `${value} ${unit.toLowerCase()}`
  const whole = date.toISOString().slice(0, -'.000Z'.length)
  return `${whole}.${fractionText(fraction, unit)}${isUtc ? 'Z' : ''}`
}

/** `03:04:05.678901` */
export function timeText(value: bigint, unit: TimeUnit): string {
  const [seconds, fraction] = divided(value, perSecond[unit])
  if (value < 0n || seconds >= secondsPerDay) return `${value} ${unit.toLowerCase()}`
  const ofDay = Number(seconds)
  const parts = [ofDay / 3_600, (ofDay / 60) % 60, ofDay % 60].map(part => String(Math.floor(part)).padStart(2, '0'))
  return `${parts.join(':')}.${fractionText(fraction, unit)}`
}

/** The instants of Impala and old Spark: nanoseconds of a day in the lower eight bytes, and the day. */
export const int96Text = (value: bigint): string =>
  timestampText((BigInt.asIntN(32, value >> 64n) - julianEpoch) * nanosPerDay + BigInt.asIntN(64, value), 'NANOS', true)

/** `P14M3DT1.500S`: months, days and milliseconds, which are no whole of each other. */
export function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [months, days, millis] = [0, 4, 8].map(at => view.getUint32(at, true)) as [number, number, number]
  return `P${months}M${days}DT${(millis / 1_000).toFixed(3)}S`
}

/** Rounded down, so that what is left is never negative. */
function divided(value: bigint, by: bigint): readonly [whole: bigint, rest: bigint] {
  const rest = ((value % by) + by) % by
  return [(value - rest) / by, rest]
}

const fractionText = (fraction: bigint, unit: TimeUnit): string => String(fraction).padStart(digits[unit], '0')

/** An order of the made-up shop. */
export interface Order {
  readonly id: number
  readonly item: string
  readonly status: 'open' | 'sent'
}

const items = ['lamp', 'chair', 'table', 'shelf', 'rug'] as const

/** So many orders, always the same. */
export const makeOrders = (count: number): readonly Order[] =>
  Array.from({ length: count }, (_, index) => ({
    id: index + 1,
    item: items[index % items.length] ?? '',
    status: index % 2 === 0 ? 'open' : 'sent',
  }))

/** Numbers that a double cannot hold, as text of JSON: whoever parses it with `JSON.parse` loses some. */
export const exactNumbersText =
  '[{"id":9007199254740993,"amount":0.1000000000000000055511151231257827,"big":123456789012345678901234567890,"tiny":1e-400},' +
  '{"id":-9223372036854775808,"amount":12345678901234567.89,"big":1E400,"tiny":0}]'

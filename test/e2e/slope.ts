/** How much the values grow from one to the next, by the line that fits them best (least squares). */
export function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2
  const average = values.reduce((sum, value) => sum + value, 0) / values.length
  let shared = 0
  let spread = 0
  for (const [index, value] of values.entries()) {
    shared += (index - middle) * (value - average)
    spread += (index - middle) ** 2
  }
  return shared / spread
}

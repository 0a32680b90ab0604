/**
 * How much the values grow from one to the next: the median of the slopes between any two of them (Theil and Sen). A
 * few values that are off, such as a moment in which the allocator took another block, do not tilt it.
 */
export function slope(values: readonly number[]): number {
  const slopes = values.flatMap((value, index) =>
    values.slice(index + 1).map((later, distance) => (later - value) / (distance + 1)),
  )
  slopes.sort((one, other) => one - other)
  return slopes[Math.floor(slopes.length / 2)] ?? 0
}

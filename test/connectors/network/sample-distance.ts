/**
 * How far the sample that differs most is from all others together: the two-sample Kolmogorov-Smirnov statistic, the
 * largest difference between their cumulative distributions, from 0 (alike) to 1 (apart).
 */
export function largestDistance(samples: Readonly<Record<string, readonly number[]>>): number {
  const entries = Object.entries(samples)
  return Math.max(
    ...entries.map(([name, sample]) =>
      distance(
        sample,
        entries.filter(([other]) => other !== name).flatMap(([, values]) => values),
      ),
    ),
  )
}

/** The distance that samples of one distribution exceed in no more than `falseAlarms` of all runs, by Smirnov's bound. */
export function separationThreshold(options: {
  readonly samples: number
  readonly others: number
  readonly comparisons: number
  readonly falseAlarms: number
}): number {
  const { samples, others, comparisons, falseAlarms } = options
  const perComparison = falseAlarms / comparisons
  return Math.sqrt((-Math.log(perComparison / 2) / 2) * ((samples + others) / (samples * others)))
}

function distance(one: readonly number[], other: readonly number[]): number {
  const share = (sample: readonly number[], limit: number) =>
    sample.filter(value => value <= limit).length / sample.length
  return Math.max(...[...one, ...other].map(value => Math.abs(share(one, value) - share(other, value))))
}

/** Above this an operation is refused. */
export const maxComplexity = 5000

const complexityPerPoint = 100

/** What an operation of this complexity costs its viewer. */
export const pointsOf = (complexity: number): number => Math.max(1, Math.ceil(complexity / complexityPerPoint))

/** Points of the dearest operation: with fewer a minute, some operations could never run. */
export const dearestOperation = pointsOf(maxComplexity)

import fc from 'fast-check'

/** Draws one thing after another; what was drawn can be shrunk and drawn again. */
export interface Draw {
  /** From 0 to `max`. */
  upTo(max: number): number
  /** True so often in a hundred times. */
  chance(percent: number): boolean
  oneOf<T>(choices: readonly T[]): T
  text(): string
}

/** A value that is written by drawing. */
export const drawn = <T>(write: (draw: Draw) => T): fc.Arbitrary<T> =>
  fc.gen().map(generate => {
    const upTo = (max: number) => generate(fc.nat, { max })
    return write({
      upTo,
      // Shrinks to false.
      chance: percent => upTo(99) >= 100 - percent,
      oneOf: choices => {
        const chosen = choices[upTo(choices.length - 1)]
        if (chosen === undefined) throw new Error('There is nothing to choose from.')
        return chosen
      },
      text: () => generate(anyText),
    })
  })

const anyText = () => fc.string({ unit: 'binary', maxLength: 12 })

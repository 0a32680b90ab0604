import type { ResultColumn, Row } from '../define.ts'

/** A file that has been opened, as far as its columns are known. */
export interface FileTable {
  /** None: the file has nothing in it that says how its columns are called. */
  readonly columns: readonly ResultColumn[]
  /**
   * Of formats whose records name their fields one by one: the name of the last of `columns`, which holds the fields that
   * no other column has. Null where there is no such column; absent for formats in which the columns are all there are.
   */
  readonly otherFields?: string | null
  /** Its rows, in batches of a bounded size. Whoever stops early ends the transfer. */
  rows(shape: RowShape): AsyncGenerator<readonly Row[]>
}

/** What rows are to be made of. Null values for columns that a file does not have. */
export interface RowShape {
  /** Names of columns, in the order of the rows' values. */
  readonly names: readonly string[]
  /** All columns of the first file, chosen or not. */
  readonly known: ReadonlySet<string>
  /** The column for fields that are not known. */
  readonly otherFields: string | null
  /** Throws where fields would be lost, as no column has them. */
  readonly refuse: (unknown: readonly string[]) => void
}

/** For each of `names` its place in `columns`, or -1. */
export function placesOf(names: readonly string[], columns: readonly ResultColumn[]): readonly number[] {
  const places = new Map(columns.map(({ name }, place) => [name, place]))
  return names.map(name => places.get(name) ?? -1)
}

export type Direction = 'ASC' | 'DESC'

export interface PageRequest<Field extends string> {
  /** 1 to 100. */
  readonly first: number
  /** An opaque cursor of an earlier page with the same order and filter. */
  readonly after: string | null
  readonly orderBy: { readonly field: Field; readonly direction: Direction }
}

export interface Page<Row> {
  readonly rows: readonly Row[]
  /** One for each row. */
  readonly cursors: readonly string[]
  readonly hasNextPage: boolean
}

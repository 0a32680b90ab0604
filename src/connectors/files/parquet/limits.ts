/** Of a file's description of itself: hundreds of columns in hundreds of row groups. */
export const maxFooterBytes = 16 * 2 ** 20
/** What it may consist of: each number or text takes many times its bytes in memory. */
export const maxFooterValues = 1_000_000

export const maxPageHeaderBytes = 2 ** 20
export const maxPageHeaderValues = 1_000

/** Of one page, as it is stored and decompressed. */
export const maxPageBytes = 64 * 2 ** 20
/** Values of one page, nulls among them; some writers put a whole row group of one value into a page. */
export const maxPageValues = 2 ** 24
/** The same where a page cannot be read in parts. */
export const maxWholePageValues = 2 ** 22

/** Of one value that is JSON. */
export const maxJsonBytes = 6 * 2 ** 20

/** Of all that is held at once: one page of each column, what is read ahead, and the rows made of them. The process ends at 400 MB. */
export const maxHeldBytes = 128 * 2 ** 20

/** What is read ahead of all columns together. */
export const readAheadBytes = 16 * 2 ** 20
export const minReadBytes = 16 * 2 ** 10
export const maxReadBytes = 2 * 2 ** 20

/** Rows that are made at once, unless they are larger. */
export const maxRowsAtOnce = 1_000
/** Of the values of rows that are made at once, as far as the file tells the truth about their size. */
export const rowBytesAtOnce = 2 ** 20
/** Values of all columns in such rows, unless they are lists. */
export const valuesAtOnce = 2 ** 18
/** Values of lists in such rows. */
export const maxNestedValues = 2 ** 20

/** Levels of a schema. */
export const maxSchemaDepth = 50
export const maxSchemaElements = 100_000

/** Columns that are read at the same time. */
export const concurrentReads = 8

/** Of values that are made at once of few bytes, as they begin as others do. */
export const maxSharedBytes = 64 * 2 ** 20

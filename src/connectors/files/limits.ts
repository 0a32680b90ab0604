/** Bytes of one record of a text file: a line of CSV or NDJSON, an element of a JSON list. A row may be no larger than 16 MB. */
export const maxRecordBytes = 8 * 2 ** 20

/** Columns of a CSV file. */
export const maxCsvColumns = 10_000

/** Bytes of text that are parsed at once, and so become rows together. */
export const bytesAtOnce = 64 * 2 ** 10

/** Levels of objects and lists in a record. */
export const maxRecordDepth = 1_000

/** Values in a record of JSON: fields, and items of lists. Each takes up to some hundred bytes in memory. */
export const maxRecordValues = 2 ** 18

/** Records of JSON that are looked at for their fields, which are the columns. */
export const sampledRecords = 1_000
/** Bytes of them after which no more are looked at. */
export const sampledBytes = 2 ** 20

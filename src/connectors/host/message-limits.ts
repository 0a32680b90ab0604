/**
 * The sizes of what a child may say. The child cuts to them what a source has put into its mouth
 * (`clamp-message.ts`), so the parent, which refuses what is larger (`parse-child-message.ts`), sees only a child that
 * is out of order go beyond them.
 */

/** Characters of texts that reach a reader's screen. */
export const textLimits = {
  note: 200,
  evidenceLabel: 200,
  evidenceValue: 2_000,
  address: 100,
  outcome: 200,
  subject: 1_000,
  time: 50,
  fingerprint: 100,
  subjectAltName: 300,
  problemMessage: 2_000,
  problemDetail: 300,
  remedyTitle: 300,
} as const

/** Lengths of lists. */
export const listLimits = {
  evidence: 200,
  subjectAltNames: 1_000,
  fields: 50,
  remedies: 20,
  addresses: 100,
} as const

/** Characters of field paths and of addresses of pages. */
export const maxWordsLength = 1_000
export const maxSqlLength = 50_000
export const maxParamNameLength = 100
/** Characters of a step's id, which is made of what a form says. */
export const maxStepIdLength = 500
/** Bytes of JSON of one message about a step, and of the end of a query. */
export const maxReportBytes = 2 ** 20

export const maxColumns = 10_000
export const maxColumnNameLength = 1_000
export const maxNativeTypeLength = 200
/** Bytes of JSON of all columns of one result. */
export const maxColumnsBytes = 2 * 2 ** 20

/** What the memory of a ROWS message is counted as, beside that of its rows. */
export const rowsOverheadBytes = 2 ** 10
/** Bytes of rows in a ROWS message; only a single row that is larger makes a larger one. */
export const rowsMessageBytes = 256 * 2 ** 10 - rowsOverheadBytes
/**
 * Bytes of ROWS messages that may be under way or wait for their reader. One message may always be: a row that is larger
 * than the window goes alone.
 */
export const rowWindowBytes = 2 ** 20
/** Bytes of JSON of one row. */
export const maxRowBytes = 16 * 2 ** 20

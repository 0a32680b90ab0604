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
  optionLabel: 300,
  optionHelp: 300,
  comment: 1_000,
  nativeKind: 100,
  /** Of a column in a catalog: the native type of a nested one tells all that is in it. */
  listedType: 1_000,
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

/** Characters of a name in a catalog, and of a value for a form field. */
export const maxListedNameLength = 1_024
/** Characters of what a type remembers of where the next page begins. */
export const maxNextLength = 2_000
export const maxListedItems = 100
/** Bytes of JSON of the query that reads an entry of a catalog. */
export const maxListedQueryBytes = 8 * 2 ** 10
/** The same of what is wrong with it. */
export const maxListedProblemBytes = 8 * 2 ** 10
/** Bytes of JSON of a page of a list: more than `maxListedItems` of the largest. */
export const maxListingBytes = 4 * 2 ** 20

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

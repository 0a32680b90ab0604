/** What the benchmarks of rows read, from every kind of server: a column of 1,000 characters. */
export const rowCount = 200_000
export const rowText = 'x'.repeat(1_000)

/** For doubles that ask who one is. */
export const rowAccount = { username: 'ann', password: 'secret-of-ann' } as const

export const s3Key = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret-of-ann' } as const

const note = 'note, '.repeat(90)
const cells = ['4711', '', 'name of the customer', '3.25', 'true', '2026-01-01T00:00:00Z', 'é'.repeat(100), note]

/** Files with the same line over and over, of about 1,000 bytes. ASCII before the lines. */
export const s3Objects = {
  csv: {
    key: 'rows.csv',
    head: 'a,b,c,d,e,f,g,h\n',
    line: `${cells.map(cell => (cell.includes(',') ? `"${cell}"` : cell)).join(',')}\n`,
  },
  ndjson: {
    key: 'rows.ndjson',
    head: '',
    line: `${JSON.stringify(Object.fromEntries(cells.map((cell, index) => ['abcdefgh'[index], cell])))}\n`,
  },
} as const

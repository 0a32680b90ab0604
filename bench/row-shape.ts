/** What the benchmarks of rows read, from every kind of server: a column of 1,000 characters. */
export const rowCount = 200_000
export const rowText = 'x'.repeat(1_000)

/** For doubles that ask who one is. */
export const rowAccount = { username: 'ann', password: 'secret-of-ann' } as const

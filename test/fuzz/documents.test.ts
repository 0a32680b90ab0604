import { expect, test } from 'vitest'
import { fuzz } from './fuzz.ts'

/** So many that two cores need about half a minute; `npm run fuzz -- --documents 100000` for more. */
const documents = 2_000

test(`30. ${documents} random documents and variables find no fault, and leave nothing behind`, {
  timeout: 180_000,
}, async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const report = await fuzz({ documents, seed, warmUp: documents / 2 })
  console.log(JSON.stringify({ seed, ...report }))
  expect(report.documents).toBe(documents)
  // What finds nothing because nothing gets through is no test.
  expect(report.answers['data']).toBeGreaterThan(documents / 10)
  expect(report.answers['GRAPHQL_PARSE_FAILED']).toBeGreaterThan(0)
  expect(report.answers['GRAPHQL_VALIDATION_FAILED']).toBeGreaterThan(0)
  expect(report.answers['BAD_USER_INPUT']).toBeGreaterThan(0)
  expect(report.growth.resident).toBeLessThan(50)
})

import { parseArgs } from 'node:util'
import { fuzz } from '../test/fuzz/fuzz.ts'
import type { FuzzMemory } from '../test/fuzz/fuzz-process.ts'

// `npm run fuzz -- --documents 100000 [--seed 1]`: random documents and variables against the server in this process.
const { values } = parseArgs({ options: { documents: { type: 'string', default: '10000' }, seed: { type: 'string' } } })
const documents = Number(values.documents)
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
if (!Number.isInteger(documents) || documents < 1 || !Number.isInteger(seed)) {
  console.error('--documents and --seed take whole numbers.')
  process.exit(1)
}

const onProgress = (done: number, { resident, heap }: FuzzMemory) =>
  console.error(`${done} documents, ${heap.toFixed(0)} MB in use, ${resident.toFixed(0)} MB in the process ...`)
const { seconds, answers, growth, ...report } = await fuzz({ documents, seed, warmUp: documents / 5, onProgress })
console.log(`${report.documents} documents in ${seconds.toFixed(0)} s, seed ${seed}`)
console.log(
  `after the first fifth, memory in use grew by ${growth.heap.toFixed(1)} MB, the process by ${growth.resident.toFixed(1)} MB`,
)
for (const [what, count] of Object.entries(answers).sort(([, a], [, b]) => b - a)) console.log(`${count}  ${what}`)

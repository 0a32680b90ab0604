// `npm start`: builds when the sources are newer than the build, then runs the build.
import { readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const entry = join(root, 'dist', 'main.js')

async function newestSource() {
  const files = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })
  const sources = files.filter(file => file.isFile()).map(file => join(file.parentPath, file.name))
  const times = await Promise.all(
    [...sources, join(root, 'package-lock.json')].map(async path => (await stat(path)).mtimeMs),
  )
  return Math.max(...times)
}

const built = await stat(entry).then(
  file => file.mtimeMs,
  () => 0,
)
if (built < (await newestSource())) {
  const { buildPatchbay } = await import('./build.mjs')
  await buildPatchbay()
}
await import(pathToFileURL(entry).href)

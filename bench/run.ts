import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { benchColdStart } from './cold-start.ts'
import { benchConnectionTest } from './connection-test.ts'
import { benchHost } from './host.ts'
import { benchHostile } from './hostile.ts'
import { benchLimits } from './limits.ts'
import { benchList } from './list.ts'
import { formatResults, type Result } from './result.ts'
import { benchTenants } from './tenants.ts'

// `npm run bench`, or `npm run bench -- list` for one of them. Everything is on loopback and ends by itself.
const benches = {
  list: benchList,
  'connection-test': benchConnectionTest,
  host: benchHost,
  'cold-start': benchColdStart,
  limits: benchLimits,
  hostile: benchHostile,
  tenants: benchTenants,
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter(name => !(name in benches))
if (unknown.length > 0) {
  console.error(`There is no benchmark "${unknown.join('", "')}". There are: ${Object.keys(benches).join(', ')}.`)
  process.exit(1)
}

execFileSync(process.execPath, [join(import.meta.dirname, '..', 'scripts', 'build.mjs')], { stdio: 'inherit' })
const results: Result[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.error(`${name} ...`)
  results.push(...(await bench()))
}
console.log(`Node ${process.version}, ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})\n`)
console.log(formatResults(results))

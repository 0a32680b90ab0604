import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Storage } from './storage.ts'

const fileName = 'loaded-modules.txt'

/** A flag that makes Node write the address of every module it loads, ES or CommonJS, into the data directory. */
export function recordModules(storage: Storage): string {
  const file = JSON.stringify(join(storage.directory, fileName))
  const hook = `
    import { appendFileSync } from 'node:fs'
    import { registerHooks } from 'node:module'
    registerHooks({ load: (url, context, next) => { appendFileSync(${file}, url + '\\n'); return next(url, context) } })`
  return `--import=data:text/javascript,${encodeURIComponent(hook)}`
}

/** Names of the packages of which the process has loaded something. */
export async function loadedPackages(storage: Storage): Promise<ReadonlySet<string>> {
  const urls = (await readFile(join(storage.directory, fileName), 'utf8')).split('\n')
  const names = urls.map(url => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1])
  return new Set(names.filter(name => name !== undefined))
}

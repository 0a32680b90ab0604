import childProcess from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Until it is disposed of, Node processes that are started with `--permission` get more permissions, such as
 * `--allow-worker`; for null they know no permissions at all.
 */
export function startChildrenWith(permissions: readonly string[] | null): Disposable {
  const { spawn } = childProcess
  const change = (arg: string): readonly string[] => {
    if (permissions === null) return /^--(permission|allow-)/.test(arg) ? [] : [arg]
    return arg === '--permission' ? [arg, ...permissions] : [arg]
  }
  const start = (program: string, args: readonly string[], options: childProcess.SpawnOptions) =>
    spawn(program, args.flatMap(change), options)
  use(start as typeof spawn)
  return { [Symbol.dispose]: () => use(spawn) }
}

function use(spawn: typeof childProcess.spawn): void {
  childProcess.spawn = spawn
  syncBuiltinESMExports()
}

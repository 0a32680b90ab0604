import { resolve } from 'node:path'

/** What a program and its children asked of the kernel, as far as it reaches outside of them. */
export interface TracedCalls {
  /** Addresses of IPv4 and IPv6 sockets that were connected or sent to, as strace prints them. */
  readonly addresses: readonly string[]
  /** Absolute paths that were opened for writing, made, renamed, changed or removed. */
  readonly writtenPaths: readonly string[]
  /** Programs that were started. */
  readonly programs: readonly string[]
  /** npm packages of which a file was opened. */
  readonly packages: readonly string[]
}

/** For `strace -e`: every call that `parseTrace` understands. */
export const tracedCalls = [
  'connect',
  'sendto',
  'sendmsg',
  'sendmmsg',
  'execve',
  'openat',
  'open',
  'creat',
  'mkdir',
  'mkdirat',
  'rename',
  'renameat',
  'renameat2',
  'unlink',
  'unlinkat',
  'rmdir',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'truncate',
  'chmod',
  'fchmodat',
  'mknodat',
].join(',')

/** Reads the output of `strace -f`. `directory`: what relative paths are relative to. */
export function parseTrace(trace: string, directory: string): TracedCalls {
  const addresses = new Set<string>()
  const writtenPaths = new Set<string>()
  const programs = new Set<string>()
  const packages = new Set<string>()
  for (const line of trace.split('\n')) {
    const [, call = '', args = ''] = /^\d+\s+(\w+)\((.*)$/.exec(line) ?? []
    const paths = [...args.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(match => match[1] ?? '')
    if (call === 'connect' || call.startsWith('send')) {
      for (const match of args.matchAll(/inet_addr\("([^"]*)"\)|inet_pton\(AF_INET6, "([^"]*)"/g)) {
        addresses.add(match[1] ?? match[2] ?? '')
      }
    } else if (call === 'execve') {
      if (paths[0] !== undefined) programs.add(paths[0])
    } else if (call.startsWith('open')) {
      const name = packageOf(paths[0] ?? '')
      if (name !== null) packages.add(name)
      if (paths[0] !== undefined && /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args))
        writtenPaths.add(resolve(directory, paths[0]))
    } else if (call !== '' && !/\) += -1 EEXIST /.test(args)) {
      // What was there already stays as it was: Node asks for the folder of its compile cache without looking first.
      for (const path of paths) writtenPaths.add(resolve(directory, path))
    }
  }
  return {
    addresses: [...addresses],
    writtenPaths: [...writtenPaths],
    programs: [...programs],
    packages: [...packages],
  }
}

/** The package that a file belongs to: `pg`, `@databricks/sql`; null for a file of none. */
export const packageOf = (path: string): string | null =>
  /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? null

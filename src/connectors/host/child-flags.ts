/** Of the JavaScript heap only: Buffers are watched from outside. */
const maxHeapMb = 256

/**
 * What a child is started with. Measured on Node 24.21:
 *
 * - `--permission` denies files outside `readRoots`, all writing, processes, worker threads, add-ons, WASI and the
 *   inspector. A folder given here covers what lies below it and nothing beside it. `package.json` files above the
 *   code are not needed: what kind of module a file is, Node finds out without them.
 * - It does not deny `node:sqlite`, which would read and write any database on the disk: that module is switched off.
 * - It denies neither the network nor signals: those are the business of `network-guard.ts`.
 * - `.ts` entries need no further flag, so a child runs alike from sources and from a bundle.
 */
export function childFlags(readRoots: readonly string[]): readonly string[] {
  return [
    '--permission',
    ...readRoots.map(root => `--allow-fs-read=${root}`),
    '--no-experimental-sqlite',
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${maxHeapMb}`,
    '--no-warnings',
  ]
}

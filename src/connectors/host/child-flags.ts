/** Of the JavaScript heap only: Buffers are watched from outside. */
const maxHeapMb = 256
/** Of a half of the heap's young part, which would else become a third of what a child may have in memory. */
const maxYoungMb = 16

/**
 * What a child is started with. Measured on Node 24.21:
 *
 * - `--permission` denies files outside `readRoots`, all writing, processes, worker threads, add-ons, WASI and the
 *   inspector. A folder given here covers what lies below it and nothing beside it. `package.json` files above the
 *   code are not needed: what kind of module a file is, Node finds out without them.
 * - It does not deny `node:sqlite`, which would read and write any database on the disk: that module is switched off.
 * - It denies neither the network nor signals: those are the business of `network-guard.ts`.
 * - What sockets read lies outside of the heap, 64 KB at a time, and goes with a small object. After every few megabytes of
 *   it V8 begins to mark the heap step by step: that took half of the time of a large result. A heap as small as
 *   this one is marked at once, and seldom.
 * - `.ts` entries need no further flag, so a child runs alike from sources and from a bundle.
 */
export function childFlags(readRoots: readonly string[]): readonly string[] {
  return [
    '--permission',
    ...readRoots.map(root => `--allow-fs-read=${root}`),
    '--no-experimental-sqlite',
    '--disallow-code-generation-from-strings',
    `--max-old-space-size=${maxHeapMb}`,
    `--max-semi-space-size=${maxYoungMb}`,
    '--no-incremental-marking',
    '--no-warnings',
  ]
}

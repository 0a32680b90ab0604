import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import '../../src/connectors/host/child.ts'

/**
 * The program's own child, but it collects its garbage all the time: what its memory grows by is then kept by somebody,
 * and not only not looked for yet.
 */
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
setInterval(collect, 400).unref()

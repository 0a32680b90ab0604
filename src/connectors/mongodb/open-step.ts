import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { kindWords } from './hello.ts'
import type { MongodbOpening } from './open.ts'

/** Whether the session takes commands. Without a sign-in it begins here. */
export async function openStep(opening: MongodbOpening, context: StepContext): Promise<StepReport> {
  const blocked = await opening.openUnsigned(context)
  if (blocked) return failed(blocked)
  try {
    const { version } = await opening.session.run('admin', { buildInfo: 1 }, context.signal)
    const { facts } = opening.server
    return passed([
      ...(typeof version === 'string' ? [measuredText('Server version', version)] : []),
      ...(facts ? [measuredText('Role', kindWords[facts.kind])] : []),
    ])
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(opening.classify(error, 'WORK'))
  }
}

import { secretsOf } from '../aws/identity.ts'
import type { QueryOutcome, ResultColumn } from '../define.ts'
import { formTree } from '../form-tree.ts'
import { walkValues } from '../form-tree-walk.ts'
import type { ConnectorRegistry } from '../registry.ts'
import { scrubListing } from '../scrub/scrub-listing.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import type { ConnectorHost, JobOptions, QueryPart } from './connector-host.ts'
import type { Job, QueryJob, StepMessage } from './protocol.ts'

/**
 * A host that lets no secret of a run out: it knows the run's own secret values from its configuration, and removes
 * them, and what is a secret by its shape, from every note, report, problem and column. Rows pass as they are: they are
 * the data that was asked for, and a value altered in silence would be a wrong answer. So do, in lists, the names of what is
 * there, the values for fields and what leads to the next page: they come back as paths, forms and cursors, where an
 * altered one would name something else, and a database may be called like its password. Who may list may read rows, so
 * a source that repeats a secret in a name says nothing there that it could not say in a row. Paths of fields, codes and
 * the names of params pass too: programs decide by them, and no data source has a say in them.
 */
export function createScrubbingHost(host: ConnectorHost, registry: ConnectorRegistry): ConnectorHost {
  return {
    async test(job, onStep, options) {
      const scrub = scrubberOf(registry, job)
      const note = scrub.notes()
      const outcome = await host.test(job, message => onStep(scrubStep(scrub, note, message)), options)
      return outcome.kind === 'FAILED' ? { ...outcome, problem: scrub.problem(outcome.problem) } : outcome
    },

    async query(job, options): Promise<QueryOutcome> {
      const scrub = scrubberOf(registry, job)
      const outcome = await host.query(job, options)
      if (outcome.kind === 'PROBLEM') return { ...outcome, problem: scrub.problem(outcome.problem) }
      const { result } = outcome
      return { ...outcome, result: { ...result, columns: scrubColumns(scrub, result.columns) } }
    },

    stream: (job, options) => scrubParts(scrubberOf(registry, job), host, job, options),

    async list(job, options) {
      return scrubListing(scrubberOf(registry, job), await host.list(job, options))
    },

    close: () => host.close(),
  }
}

/** Every secret that the job brings along, in its configuration and from the operator. Throws `UnknownConnectorTypeError`. */
function scrubberOf(registry: ConnectorRegistry, job: Job): Scrubber {
  const { form } = registry.byName(job.typeName)
  const fields = [...walkValues(formTree(form).root, job.config)].filter(field => field.isSecret)
  const values = fields.map(field => field.value).filter(value => typeof value === 'string')
  return createScrubber([...values, ...secretsOf(job.environment.operatorAws)])
}

/** What a step says at its end comes after its notes, and may be the rest of what they began. */
function scrubStep(scrub: Scrubber, note: (text: string) => string, message: StepMessage): StepMessage {
  switch (message.kind) {
    case 'STEP_STARTED':
      return message
    case 'STEP_PROGRESSED':
      return { ...message, note: note(message.note) }
    case 'STEP_FINISHED': {
      const { report } = message
      const last = report.note == null ? {} : { note: note(report.note) }
      return { ...message, report: scrub.report({ ...report, ...last }) }
    }
  }
}

const scrubColumns = (scrub: Scrubber, columns: readonly ResultColumn[]): readonly ResultColumn[] =>
  columns.map(column => ({ ...column, name: scrub.text(column.name), nativeType: scrub.text(column.nativeType) }))

async function* scrubParts(
  scrub: Scrubber,
  host: ConnectorHost,
  job: QueryJob,
  options: JobOptions,
): AsyncGenerator<QueryPart, void, void> {
  for await (const part of host.stream(job, options)) {
    if (part.kind === 'COLUMNS') yield { ...part, columns: scrubColumns(scrub, part.columns) }
    else if (part.kind === 'PROBLEM') yield { ...part, problem: scrub.problem(part.problem) }
    else yield part
  }
}

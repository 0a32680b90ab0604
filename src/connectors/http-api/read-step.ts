import { bytesText } from '../bytes-text.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Answer, firstHeader, headerText } from './answer.ts'
import { ApiError } from './api-error.ts'
import { jsonOfAnswer } from './json-of-answer.ts'
import { type Asked, aboutRequest } from './problems.ts'
import { requestUrl, toParameter, withParameters } from './request-url.ts'
import type { ApiSession } from './session.ts'

/** A step tells what it waited for a little before its budget. */
const tellMs = 200

/** Asks once for what the form says, and looks at the answer: its status, and whether it is what a dataset can be read from. */
export async function readStep(session: ApiSession, { signal, budgetMs }: StepContext): Promise<StepReport> {
  const { probe, limits, queryParameters } = session.config
  const asked: Asked = { config: session.config, purpose: 'TEST', method: probe.method, path: probe.path }
  const wantsJson = probe.method === 'GET' && probe.expectBody === 'JSON'
  const until = performance.now() + budgetMs - tellMs
  try {
    const answer = await session.ask({
      ...asked,
      url: withParameters(requestUrl(session.base, probe.path, []), queryParameters.map(toParameter)),
      isTrusted: true,
      headers: [],
      body: null,
      signal,
      until,
      sizeField: 'limits.maxAnswerMegabytes',
      maxBytes: wantsJson ? limits.maxAnswerMegabytes * 1_048_576 : null,
    })
    const evidence = evidenceOf(answer)
    const { expectStatus } = probe
    if (expectStatus !== undefined && answer.status !== expectStatus) return otherStatus(asked, expectStatus, answer)
    try {
      if (wantsJson) jsonOfAnswer(asked, answer)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return failed(error.problem, evidence)
    }
    return answer.isTrusted
      ? passed(evidence)
      : warning(answeredElsewhere(asked, session.base.origin, answer), evidence)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof ApiError)) throw error
    const isStepOver = error.problem.code === 'HTTP_TIMED_OUT' && performance.now() >= until
    // Its time is the step's, but for the little that is needed to tell.
    return isStepOver
      ? failed(aboutRequest('HTTP_TIMED_OUT', asked, { params: { seconds: budgetMs / 1_000 } }))
      : error.report
  }
}

function otherStatus(asked: Asked, expected: number, answer: Answer): StepReport {
  const { status } = answer
  const field = 'probe.expectStatus'
  const found = aboutRequest('HTTP_STATUS_UNEXPECTED', asked, {
    params: { status, expected },
    fields: [field],
    remedies: [{ kind: 'SET_FIELD', title: `Expect the status ${status}`, field, value: status }],
  })
  return failed(found, evidenceOf(answer))
}

/** Another server answers for all that is known, and is shown no credentials: whether it is the API nobody can tell. */
const answeredElsewhere = (asked: Asked, origin: string, { hops }: Answer) =>
  aboutRequest('REDIRECT_OFF_ORIGIN', asked, {
    params: { location: hops.at(-1) ?? '', origin },
    fields: ['baseUrl', 'redirects'],
    detail: 'The other server has answered, and was shown no credentials.',
  })

function evidenceOf(answer: Answer): Evidence[] {
  const { status, bytes, hops, durationMs } = answer
  const type = headerText(answer, 'content-type')
  const encoding = headerText(answer, 'content-encoding')
  const server = firstHeader(answer, 'server')
  const clock = clockText(firstHeader(answer, 'date'))
  return [
    measuredText('Status', String(status)),
    ...(type === '' ? [] : [measuredText('Content type', type)]),
    ...(bytes.length === 0 ? [] : [measuredText('Size', bytesText(bytes.length))]),
    ...(encoding === '' ? [] : [measuredText('Packed as', encoding)]),
    measuredText('Answered within', `${Math.round(durationMs)} ms`),
    ...(server === null ? [] : [measuredText('Server', server)]),
    ...(clock === null ? [] : [measuredText('Clock of the server', clock)]),
    ...hops.map(hop => measuredText('Redirected to', hop)),
  ]
}

/** Dates of HTTP have whole seconds, and an answer takes its time. */
const clockErrorSeconds = 2

function clockText(date: string | null): string | null {
  const at = Date.parse(date ?? '')
  if (Number.isNaN(at)) return null
  const seconds = Math.round((at - Date.now()) / 1_000)
  if (Math.abs(seconds) <= clockErrorSeconds) return 'as this one'
  return `${Math.abs(seconds)} s ${seconds > 0 ? 'ahead' : 'behind'}`
}

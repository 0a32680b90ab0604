import { type Answer, headerText } from './answer.ts'
import { type AnswerJson, answerJson } from './answer-json.ts'
import { ApiError } from './api-error.ts'
import { type Asked, aboutRequest, addressFields } from './problems.ts'

/** The JSON of an answer. Throws `ApiError` for what is none. */
export function jsonOfAnswer(asked: Asked, answer: Answer): Extract<AnswerJson, { kind: 'JSON' }> {
  const type = headerText(answer, 'content-type')
  const read = answerJson(answer.bytes, type)
  const fields = addressFields(asked)
  switch (read.kind) {
    case 'JSON':
      return read
    case 'WEB_PAGE':
      throw new ApiError(aboutRequest('ANSWER_IS_WEB_PAGE', asked, { fields }))
    case 'TOO_MANY_VALUES': {
      const megabytes = Math.ceil(answer.bytes.length / 1_048_576)
      const detail = 'It is made of too many values to be held in memory.'
      throw new ApiError(aboutRequest('ANSWER_TOO_LARGE', asked, { params: { megabytes }, detail, fields }))
    }
    case 'NO_JSON':
      if (/^\s*(?:text\/html|application\/xhtml)/i.test(type)) {
        throw new ApiError(aboutRequest('ANSWER_IS_WEB_PAGE', asked, { fields }))
      }
      throw new ApiError(aboutRequest('ANSWER_NOT_JSON', asked, { params: { fault: read.fault }, fields }))
  }
}

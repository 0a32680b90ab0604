import { maxRecordDepth, maxRecordValues } from './limits.ts'

export interface JsonMeasure {
  readonly levels: number
  readonly values: number
}

const ofRecord: JsonMeasure = { levels: maxRecordDepth, values: maxRecordValues }

/**
 * Of what a JSON text has more than `most`, or than a record may have; found without recursion, and before anything is made of it: `[[],[],[]]`
 * takes many times its bytes once it is parsed. Values are counted rather too high than too low.
 */
export function jsonExcess(json: string, most: JsonMeasure = ofRecord): 'LEVELS' | 'VALUES' | null {
  if (json.length <= Math.min(most.levels, most.values)) return null
  let depth = 0
  let values = 1
  let inText = false
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at)
    if (unit === 0x22) inText = !inText
    else if (inText) at += unit === 0x5c ? 1 : 0
    else if (unit === 0x2c) values += 1
    else if (unit === 0x5b || unit === 0x7b) {
      depth += 1
      values += 1
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1
    if (depth > most.levels) return 'LEVELS'
    if (values > most.values) return 'VALUES'
  }
  return null
}

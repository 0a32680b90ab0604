import { type Problem, problem } from '../problem.ts'
import type { SqlVerdict } from './judge-one-statement.ts'

/** What a dataset's statement comes to that is refused: it stands in the alternative `sql` of the query's form. */
export const notReadOnly = ({ reason }: Extract<SqlVerdict, { readonly kind: 'REFUSED' }>): Problem =>
  problem('QUERY_NOT_READ_ONLY', { params: { reason }, fields: ['sql.text'] })

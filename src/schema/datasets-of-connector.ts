import type { ConnectorRow, DatasetRow } from '../db/rows.ts'
import type { Context } from './context.ts'
import { type CountedConnection, connection, type PageArgs, pageRequest } from './page.ts'

/** The datasets on one connector, by name. First pages and counts of several connectors are read at once. */
export async function datasetsOfConnector(
  connectorId: string,
  args: PageArgs,
  { services, viewer, loaders }: Context,
  totalCount?: () => Promise<number>,
): Promise<CountedConnection<DatasetRow>> {
  const request = pageRequest(args)
  const read = () =>
    request.after === null
      ? loaders.datasetsOfConnector(request.first).load(connectorId)
      : services.datasets.page(
          viewer,
          { ...request, orderBy: { field: 'NAME', direction: 'ASC' } },
          { connector: { id: connectorId } },
        )
  return {
    ...(await connection(request, read)),
    totalCount: totalCount ?? (() => loaders.datasetCount.load(connectorId)),
  }
}

/** The same for a row that may come out of a list: at once if the list has read it ahead. */
export function datasetsOfListed(
  row: ConnectorRow,
  args: PageArgs,
  context: Context,
): CountedConnection<DatasetRow> | Promise<CountedConnection<DatasetRow>> {
  const { loaders } = context
  const ahead = loaders.datasetsAhead.get(row)
  const { first, after } = pageRequest(args)
  if (!ahead || after !== null || first !== ahead.first) return datasetsOfConnector(row.id, args, context)
  return { page: ahead.page, hasPreviousPage: false, totalCount: () => loaders.datasetCount.load(row.id) }
}

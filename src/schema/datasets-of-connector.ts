import type { DatasetRow } from '../db/rows.ts'
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

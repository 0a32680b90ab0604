import { certificate, project, startGoogle } from '../connectors/bigquery/bigquery-run.ts'
import type { GoogleDouble } from '../servers/google-double.ts'
import { BigqueryEmulatorAdapter } from './bigquery-emulator-adapter.ts'
import { BigqueryEmulator } from './bigquery-emulator-server.ts'

/** The emulator in the place of BigQuery. Where tokens and rights come from there is the double: the emulator has none. */
export interface EmulatorScene extends AsyncDisposable {
  readonly emulator: BigqueryEmulator
  readonly adapter: BigqueryEmulatorAdapter
  readonly google: GoogleDouble
  /** For the setting `CLOUD_ENDPOINTS`, and for runs. */
  readonly endpoints: Readonly<Record<string, string>>
}

export async function startEmulator(setUp: readonly string[]): Promise<EmulatorScene> {
  await using started = new AsyncDisposableStack()
  const emulator = started.use(await BigqueryEmulator.start(project, ['sales', 'deserted']))
  for (const statement of setUp) await emulator.sql(statement)
  const adapter = started.use(await BigqueryEmulatorAdapter.start(emulator, certificate))
  const google = started.use(await startGoogle())
  const all = started.move()
  return {
    ...{ emulator, adapter, google },
    endpoints: { ...google.endpoints, ...adapter.endpoints },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

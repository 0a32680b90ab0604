import { GoProgram } from './go-install.ts'

const emulator = new GoProgram({
  module: 'github.com/goccy/bigquery-emulator',
  version: 'v0.8.1',
  name: 'bigquery-emulator',
})

export const bigqueryEmulatorProgram = emulator.path

/** Builds goccy's BigQuery emulator, which takes some minutes where nothing of it has been compiled yet. */
export const installBigqueryEmulator = () => emulator.install()

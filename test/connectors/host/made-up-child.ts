import { serveJobs } from '../../../src/connectors/host/serve-jobs.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { madeUpType, spoilingType } from './made-up-type.ts'

serveJobs(new ConnectorRegistry([madeUpType, spoilingType]))

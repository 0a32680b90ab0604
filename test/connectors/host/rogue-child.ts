import { serveJobs } from '../../../src/connectors/host/serve-jobs.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { rogueType } from './rogue-type.ts'

serveJobs(new ConnectorRegistry([rogueType]))

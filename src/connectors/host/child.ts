import { builtInConnectorTypes, ConnectorRegistry } from '../registry.ts'
import { serveJobs } from './serve-jobs.ts'

serveJobs(new ConnectorRegistry(builtInConnectorTypes))

import { snowflake } from '../../../src/connectors/snowflake/index.ts'
import { serveWatched } from '../../servers/watched-type.ts'

serveWatched(snowflake)

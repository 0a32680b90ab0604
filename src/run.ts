import { type AppPaths, type Patchbay, startPatchbay } from './app.ts'
import { type Config, loadConfig } from './config.ts'
import { surviveGivenUpFields } from './given-up-fields.ts'
import { createLogger, type Logger } from './log.ts'
import { operatorWords } from './operator-words.ts'

/** The whole life of the program: configuration, start, and end on SIGTERM or SIGINT. */
export async function runPatchbay(paths: AppPaths, envFile: string): Promise<void> {
  try {
    const config = loadConfig(process.env, { envFile })
    const logger = createLogger(config.logLevel)
    surviveGivenUpFields(logger)
    const patchbay = await startPatchbay(config, paths, logger)
    endOnSignal(patchbay, logger)
    void patchbay.unfit.then(reason => endUnfit(patchbay, logger, reason))
    process.stdout.write(banner(config, patchbay))
  } catch (error) {
    process.stderr.write(`${operatorWords(error)}\n`)
    process.exitCode = 1
  }
}

function endOnSignal(patchbay: Patchbay, logger: Logger): void {
  let isEnding = false
  const end = (signal: NodeJS.Signals) => {
    if (isEnding) process.exit(1)
    isEnding = true
    logger.info({ signal }, 'Shutting down')
    patchbay.close().then(
      () => {
        process.exitCode = 0
        // Nothing should be left that keeps the process alive; if something is, it must not hold up a restart.
        setTimeout(() => process.exit(0), 2_000).unref()
      },
      error => {
        logger.error({ err: error }, 'Shutting down failed')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** Without its sandbox the program would be a way into the networks around it: it does not go on. */
async function endUnfit(patchbay: Patchbay, logger: Logger, reason: string): Promise<void> {
  logger.fatal({ reason }, 'The sandbox of the connector host does not hold on this machine; Patchbay ends')
  const lastResort = setTimeout(() => process.exit(1), 2_000)
  // It ends as failed, however closing goes.
  await patchbay.close().catch(() => undefined)
  clearTimeout(lastResort)
  process.exit(1)
}

/** Every line says something that the operator has to know. */
export function banner(config: Config, { url, masterKey }: Patchbay): string {
  const lines = [
    'Patchbay is ready.',
    `  API          ${url}`,
    ...(config.production ? [] : ['  GraphiQL     the same address in a browser']),
    ...(isOpenToAll(config) ? [] : [`  Sign-in      ${signInWords(config)}`]),
    `  Data         ${config.databaseUrl === null ? config.dataDirectory : 'the database of DATABASE_URL'}`,
    ...(masterKey.isNew
      ? [`  Master key   made just now: ${masterKey.file}. Stored secrets cannot be read without it: keep a copy.`]
      : []),
    ...(config.production
      ? []
      : [
          `  Development  connectors may reach this machine and private networks${config.allowUnencrypted ? ', and connect without encryption' : ''}.`,
          '               NODE_ENV=production closes that.',
        ]),
  ]
  return `${lines.join('\n')}\n`
}

const isOpenToAll = ({ auth }: Config): boolean => auth.every(mode => mode === 'none')

/** How callers are recognised. */
function signInWords({ auth, jwt }: Config): string {
  const words = [
    ...(auth.includes('tokens') ? ['API tokens'] : []),
    ...(jwt === null ? [] : [`JSON Web Tokens of ${jwt.issuer}`]),
  ].join(' and ')
  return auth.includes('none') ? `${words}; whoever brings none may do everything.` : `${words}.`
}

import type { BigqueryConfig } from './form.ts'

/** The field that says who signs in. */
export function identityField({ auth }: Pick<BigqueryConfig, 'auth'>): string {
  if (auth.accessToken) return 'auth.accessToken.token'
  return auth.impersonate ? 'auth.impersonate.json' : 'auth.serviceAccountKey.json'
}

/** The field that says who asks, once whoever signs in has been let in. */
export const askingField = (config: Pick<BigqueryConfig, 'auth'>): string =>
  config.auth.impersonate ? 'auth.impersonate.targetServiceAccount' : identityField(config)

export const dataProjectOf = ({ dataProjectId, projectId }: Pick<BigqueryConfig, 'dataProjectId' | 'projectId'>) =>
  dataProjectId ?? projectId

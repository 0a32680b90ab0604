import { PypiPackage } from './pypi-install.ts'

const hypothesisGraphql = new PypiPackage('hypothesis-graphql', '0.13.5')

export const hypothesisGraphqlPython = hypothesisGraphql.python

/** Gets hypothesis-graphql, which makes operations from a schema, from PyPI. */
export const installHypothesisGraphql = () => hypothesisGraphql.install()

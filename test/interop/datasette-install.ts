import { PypiPackage } from './pypi-install.ts'

const datasette = new PypiPackage('datasette', '0.65.5', '', ['datasette-auth-tokens==0.3'])

export const datasettePython = datasette.python

/** Gets Datasette, which publishes SQLite files as an API, and its tokens. */
export const installDatasette = () => datasette.install()

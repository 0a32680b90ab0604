import { PypiPackage } from './pypi-install.ts'

// It asks for no particular version of Snowflake's connector, and does not start with 5.
const fakesnow = new PypiPackage('fakesnow', '0.12.1', '[server]', ['snowflake-connector-python==4.8.1'])

export const fakesnowPython = fakesnow.python

/** Gets fakesnow, an implementation of Snowflake over DuckDB, from PyPI. */
export const installFakesnow = () => fakesnow.install()

import { PypiPackage } from './pypi-install.ts'

const pyarrow = new PypiPackage('pyarrow', '26.0.1')

export const pyarrowPython = pyarrow.python

/** Gets pyarrow, which writes Parquet as most programs do, from PyPI. */
export const installPyarrow = () => pyarrow.install()

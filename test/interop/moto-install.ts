import { PypiPackage } from './pypi-install.ts'

const moto = new PypiPackage('moto', '5.2.5', '[server]')

export const motoPython = moto.python

/** Gets moto, an implementation of AWS, from PyPI. */
export const installMoto = () => moto.install()

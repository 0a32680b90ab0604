import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#6b4a7d',
  shape:
    '<path d="M9.5 4h5M10.5 4v6L5.5 18.2c-.6 1 .1 2.3 1.3 2.3h10.4c1.2 0 1.9-1.3 1.3-2.3L13.5 10V4"/><path d="M8 15h8"/>',
}

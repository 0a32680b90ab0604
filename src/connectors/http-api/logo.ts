import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#4a5568',
  shape: '<path d="m8 7.5-4.5 4.5L8 16.5M16 7.5l4.5 4.5-4.5 4.5M13.5 5.5l-3 13"/>',
}

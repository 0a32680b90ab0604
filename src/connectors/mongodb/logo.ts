import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#2d6a46',
  shape:
    '<path d="M9.5 4.5c-3 0-1 6-4 7.5 3 1.5 1 7.5 4 7.5M14.5 4.5c3 0 1 6 4 7.5-3 1.5-1 7.5-4 7.5"/><path d="M12 11v2"/>',
}

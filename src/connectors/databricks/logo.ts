import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#a33a2a',
  shape:
    '<path d="M4.5 5.5h15v4.3h-15zM4.5 9.8h15v4.3h-15zM4.5 14.2h15v4.3h-15zM12 5.5v4.3M8 9.8v4.4M16 9.8v4.4M12 14.2v4.3"/>',
}

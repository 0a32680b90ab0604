import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#1f6f8f',
  shape: '<path d="M3.5 18.5 9.5 7l4 7 2-3 5 7.5z"/><path d="m7.8 10.5 1.7 1.5 1.6-1.7"/>',
}

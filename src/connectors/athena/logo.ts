import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#5b3d8f',
  shape: '<circle cx="10.5" cy="10.5" r="5.5"/><path d="m14.8 14.8 5 5M8 9h5M8 12h3.5"/>',
}

import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#a8581c',
  shape:
    '<ellipse cx="12" cy="6.5" rx="6" ry="2.5"/><path d="M6 6.5v11c0 1.4 2.7 2.5 6 2.5s6-1.1 6-2.5v-11"/><path d="M8.5 13.5c1.2-1.5 2.3-1.5 3.5 0s2.3 1.5 3.5 0"/>',
}

import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#7a2f4b',
  shape: '<path d="M12 3.5 19.5 7.8v8.4L12 20.5 4.5 16.2V7.8z"/><path d="M9 10v5M12 8.5v8M15 10v5"/>',
}

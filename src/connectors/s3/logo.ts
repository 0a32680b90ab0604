import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#3a6b35',
  shape: '<path d="M12 3.5 19.5 7v10L12 20.5 4.5 17V7z"/><path d="M4.5 7 12 10.5 19.5 7M12 10.5v10"/>',
}

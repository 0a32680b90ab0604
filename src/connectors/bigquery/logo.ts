import type { Logo } from '../logo.ts'

export const logo: Logo = {
  color: '#2b5fae',
  shape: '<path d="M4.5 19.5h15M7 19.5v-5M12 19.5V9.5M17 19.5V4.5"/>',
}

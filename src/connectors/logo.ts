/** A sign of our own for a connector type: white strokes on a coloured square. Never a vendor's artwork. */
export interface Logo {
  /** Of the square: `#rrggbb`, dark enough for white on it. */
  readonly color: string
  /** SVG elements within a square of 24 by 24, of which some 3 are left free on every side. Strokes are white. */
  readonly shape: string
}

/** The whole image. */
export const logoSvg = ({ color, shape }: Logo): string =>
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="48" height="48">' +
  `<rect width="24" height="24" rx="5" fill="${color}"/>` +
  '<g fill="none" stroke="#fff" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">' +
  `${shape}</g></svg>`

/** The image as a URL that holds it. */
export const logoUrl = (logo: Logo): string => `data:image/svg+xml,${encodeURIComponent(logoSvg(logo))}`

// The package has no types of its own; these are of what is used.
declare module 'http-link-header' {
  interface Reference {
    readonly uri: string
    readonly rel?: string
  }
  class LinkHeader {
    /** Throws for what is no such header. */
    static parse(value: string): LinkHeader
    rel(value: string): readonly Reference[]
  }
  export = LinkHeader
}

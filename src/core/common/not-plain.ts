/** The way out of a reader that meets what it does not know. Its callers catch it. */
export class NotPlain extends Error {}

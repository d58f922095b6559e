/**
 * What was seen in a step's namespace while it ran. helm's `atomic` removes what failed, and all of this with it, so it
 * is told and kept as soon as it is seen.
 */
export interface Evidence {
  readonly kind:
    | "waiting"
    | "crashed"
    | "log"
    | "event"
    | "missing-object"
    | "missing-variable"
    | "cannot-look";
  /** What it is about, for example `pod mw-web/main-5d8f7c9b6-x2kqp, container php`. */
  readonly subject: string;
  /** What is the matter with it, in one line. */
  readonly message: string;
  /** Lines of a container's log. */
  readonly lines?: readonly string[];
  /** What to do about it. */
  readonly remedy?: string;
  /** No restart can mend it: the step cannot succeed. */
  readonly conclusive?: true;
}

/** Evidence in lines for people. */
export function renderEvidence({ subject, message, lines = [], remedy }: Evidence): string[] {
  return [
    `${subject}: ${message}`,
    ...lines.map((line) => `  | ${line}`),
    ...(remedy === undefined ? [] : [`  to do: ${remedy}`]),
  ];
}

// Of `helmfile build` and `helmfile template`, which only read. What helmfile prints when a step fails is read by
// helm-errors.ts and, for the line that people are told, describe-failure.ts.

/** What helmfile's standard error says about why it ended. */
export interface HelmfileFailure {
  /** One or more lines, from `in FILE: …` on where helmfile says it so. */
  readonly message: string;
  /** Which of the helmfiles that were asked for together it names, counted from 0. */
  readonly index?: number;
  /** The path that it names instead, where a helmfile is not there at all. Then nothing was read. */
  readonly missing?: string;
}

const longestMessage = 4000;

/** Reads helmfile's standard error: which helmfile failed, and the message without the way there. */
export function parseHelmfileFailure(stderr: string): HelmfileFailure {
  const text = plainText(stderr);
  const nested = [...text.matchAll(/^in .*?: in \.helmfiles\[(\d+)\]: /gm)].at(-1);
  if (nested) return { message: clip(text.slice(nested.index + nested[0].length)), index: Number(nested[1]) };
  const missing = [...text.matchAll(/^in .*?: no matches for path: (.+)$/gm)].at(-1);
  if (missing?.[1] !== undefined) {
    return { message: clip(`no matches for path: ${missing[1]}`), missing: missing[1] };
  }
  const alone = text.search(/^in \S/m);
  return { message: clip(alone === -1 ? text : text.slice(alone)) };
}

/** What helmfile ends with where the environment has nothing of what it was asked for. */
export function saysNothingHere({ exitCode, stderr }: { exitCode: number; stderr: string }): boolean {
  return exitCode === 3 && stderr.includes("no releases found");
}

/** What stands in the way of every helmfile alike: then one failure tells it all. */
export function saysHelmIsMissing(stderr: string): boolean {
  const clue = "error determining helm version: ";
  return stderr.split("\n").some((line) => {
    const at = line.indexOf(clue);
    return at !== -1 && line.includes("executable file not found", at + clue.length);
  });
}

/** Shows paths below `folder` relative to it. */
export function relativeTo(folder: string, message: string): string {
  return folder === "/" ? message : message.replaceAll(`${folder}/`, "");
}

function clip(text: string): string {
  const message = text.trim();
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1)}…`;
}

/** Without colours and other control characters but line ends: messages are shown on terminals. */
function plainText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const withoutColours = text.replace(/\x1b\[[0-9;]*m/g, "").replaceAll("\r\n", "\n");
  return withoutColours.replace(/[^\P{Cc}\n\t]/gu, "�");
}

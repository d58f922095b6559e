import { isUtf8 } from "node:buffer";
import { access, constants, realpath } from "node:fs/promises";
import { dirname, sep } from "node:path";
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { Finding } from "../core/check/finding.ts";
import type { RegistryProposal } from "../core/check/registry-proposal.ts";
import type { SourceText } from "../core/common/places.ts";
import { createAsk } from "../io/ask.ts";
import { describeFileFault } from "../io/file-fault.ts";
import { readNamedFile } from "../io/plain-file.ts";
import { replaceFile } from "../io/replace-file.ts";
import type { Terminal } from "../io/terminal.ts";
import type { Interruption } from "./interruption.ts";
import { exitCodes, Refusal, type Settings } from "./settings.ts";
import { untilInterrupted } from "./until-interrupted.ts";

/** What a check proposes, for the file that it is about. */
export interface RegistryPatch {
  readonly registry: SourceText;
  readonly proposal: RegistryProposal;
  /** As `patch` takes it; empty where nothing is to be changed. */
  readonly patch: string;
}

export function registryPatch(registry: SourceText, proposal: RegistryProposal): RegistryPatch {
  const { file, text } = registry;
  const patch =
    proposal.text === text
      ? ""
      : createTwoFilesPatch(file, file, text, proposal.text, "", "", { headerOptions: FILE_HEADERS_ONLY });
  return { registry, proposal, patch };
}

/** For people: the patch, what it mends, and what stays. */
export function renderPatch({ proposal, patch }: RegistryPatch): string {
  const { mended, left } = proposal;
  const told = left.map(({ finding, reason }) => `  ${nameOf(finding)}: ${reason}`);
  return [
    ...(patch === "" ? ["no change of the registry is proposed"] : [patch.trimEnd()]),
    ...(mended.length > 0 ? [`mends:\n${mended.map((one) => `  ${nameOf(one)}`).join("\n")}`] : []),
    ...(told.length > 0 ? [`stays:\n${told.join("\n")}`] : []),
  ].join("\n\n");
}

function nameOf({ subject, code }: Pick<Finding, "subject" | "code">): string {
  return `${subject} [${code}]`;
}

/** Before anything is read for it, which takes a while: whether the registry could be written at all, and be kept. */
export async function refuseUnwritable(registry: SourceText, signal: AbortSignal): Promise<void> {
  const { file } = registry;
  const { path, bytes } = await untilInterrupted(readWritable(file), { what: "the registry", signal });
  if (!bytes) throw unwritable(file, noFile);
  if (path.split(sep).includes("node_modules"))
    throw new Refusal(
      `the registry ${file} is a package's own, and the next installation would undo what is written to it\n  to do: copy it, and name the copy with --registry`,
      exitCodes.usage,
    );
  if (!isUtf8(bytes))
    throw unwritable(file, "it is not all UTF-8, and what is not would be lost\n  to do: save it as UTF-8");
  refuseOther(bytes, registry);
}

async function readWritable(file: string): Promise<{ readonly path: string; readonly bytes?: Buffer }> {
  try {
    const path = await realpath(file);
    const bytes = await readNamedFile(path);
    await access(path, constants.W_OK);
    // Where the new file is made beside the old one.
    await access(dirname(path), constants.W_OK);
    return { path, ...(bytes && { bytes }) };
  } catch (error) {
    throw unwritable(file, describeFileFault(error));
  }
}

function unwritable(file: string, why: string): Refusal {
  return new Refusal(`the registry ${file} cannot be written: ${why}`, exitCodes.usage);
}

/** A pipe, say: it can be read only once, and what is written in its place has no reader. */
const noFile = "it is no file";

/** Asks, unless the operator has answered already, and writes the registry. Whether it was written. */
export async function writePatch(
  { registry, proposal, patch }: RegistryPatch,
  {
    settings,
    terminal,
    interruption,
  }: {
    readonly settings: Settings;
    readonly terminal: Terminal;
    readonly interruption: Interruption;
  },
): Promise<boolean> {
  if (patch === "" || settings.dryRun) return false;
  if (!settings.yes && (await askToWrite(registry.file, interruption)) !== "write") {
    terminal.tell("nothing was written");
    return false;
  }
  await refuseChanged(registry, interruption.signal);
  try {
    await replaceFile(registry.file, proposal.text);
  } catch (error) {
    throw new Refusal(`nothing was written: ${registry.file}: ${describeFileFault(error)}`, exitCodes.usage);
  }
  terminal.tell(`written: ${registry.file}`);
  return true;
}

async function askToWrite(
  file: string,
  { signal, interrupt }: Interruption,
): Promise<"write" | "leave" | undefined> {
  const ask = createAsk({ pause: () => {}, resume: () => {} });
  const answer = await ask<"write" | "leave">(
    `write this to ${file}?`,
    [
      { letter: "y", value: "write", text: "yes: write it" },
      { letter: "n", value: "leave", text: "no: leave the file as it is" },
    ],
    { signal },
  );
  // The prompt owns the keyboard, so Ctrl-C comes as no answer and not as a signal.
  if (answer === undefined && !signal.aborted) interrupt();
  return answer;
}

/** A question may stand for hours, and what somebody else has written meanwhile must not be lost. */
async function refuseChanged(registry: SourceText, signal: AbortSignal): Promise<void> {
  const refused = (why: string) =>
    new Refusal(`nothing was written: ${registry.file}: ${why}`, exitCodes.usage);
  const reading = readNamedFile(registry.file).catch((error: unknown) => {
    throw refused(describeFileFault(error));
  });
  const bytes = await untilInterrupted(reading, { what: "the registry", signal });
  if (!bytes) throw refused(noFile);
  refuseOther(bytes, registry);
}

/** Another `check --write`, say, was quicker. */
function refuseOther(bytes: Buffer, { file, text }: SourceText): void {
  if (bytes.equals(Buffer.from(text))) return;
  throw new Refusal(
    `nothing was written: ${file} has been changed since it was read\n  to do: check again`,
    exitCodes.usage,
  );
}

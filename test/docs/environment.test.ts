import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import { expect, it } from "vitest";
import { environmentHelp } from "../../src/host/own-verbs.ts";
import { helmfileEnvironment, stepEnvironment, withheldVariables } from "../../src/io/helmfile.ts";
import { runVariable } from "../../src/io/run-mark.ts";
import { repository } from "./support/markdown.ts";

const text = readFileSync(join(repository, "docs/environment.md"), "utf8");
const [read = "", set = "", withheld = ""] = text.split("\n## ");
const named = (part: string) => [
  ...new Set([...part.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = ""]) => name)),
];
/** The first cells of a table. */
const listed = (part: string) =>
  named(
    part
      .split("\n")
      .flatMap((line) => /^\| (`[A-Z].*?) \|/.exec(line)?.[1] ?? [])
      .join("\n"),
  );

/** What packages read by themselves: whether to print colours. */
const readByPackages = ["NO_COLOR", "FORCE_COLOR"];

/** The build fills it in. */
const filledIn = "CHARLIE_MEDIAWIKI_VERSION";

/** Constants of Node and JavaScript. */
const constants = /^(Number|STATUS_CODES|constants)$/;

/** Names in capitals that a source takes out of an object: `env.X`, `env["X"]`, `{ X } = env`; but no way to open a file. */
function variablesReadIn(source: string): readonly string[] {
  const names: string[] = [];
  const take = (name: string | undefined) =>
    name !== undefined && /^(?!O_)[A-Z][A-Z_]+$/.test(name) && names.push(name);
  new Visitor({
    MemberExpression: ({ object, property }) => {
      if (object.type === "Identifier" && constants.test(object.name)) return;
      if (property.type === "Identifier") take(property.name);
      if (property.type === "Literal") take(String(property.value));
    },
    ObjectPattern: ({ properties }) => {
      for (const property of properties)
        if (property.type === "Property" && property.key.type === "Identifier") take(property.key.name);
    },
  }).visit(parseSync("source.ts", source).program);
  return names;
}

const sources = readdirSync(join(repository, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(repository, "src", name), "utf8"));

it("every variable that the code reads is documented, and no other", () => {
  const variables = new Set(sources.flatMap(variablesReadIn));
  variables.delete(filledIn);
  variables.delete("SUPPRESS_SAL");
  expect([...variables].sort()).toEqual(
    listed(read)
      .filter((name) => !readByPackages.includes(name))
      .sort(),
  );
});

it("every variable that is set for helmfile is documented, and no other", () => {
  const names = Object.keys(stepEnvironment({ kubeconfig: "admin.config" }, helmfileEnvironment({})));
  expect([...names, runVariable].sort()).toEqual(listed(set).sort());
});

it("the variables that are withheld from helmfile are those", () => {
  expect(named(withheld)).toEqual(withheldVariables);
});

it("the help names variables that are documented", () => {
  const inHelp = [...environmentHelp.matchAll(/\b[A-Z]+_[A-Z_]+\b|KUBECONFIG/g)].map(([name]) => name);
  expect(inHelp.length).toBeGreaterThan(3);
  expect(inHelp.filter((name) => !listed(read).includes(name))).toEqual([]);
});

it("finds variables however they are read", () => {
  const source =
    'const { HOME, PATH: path } = env; env.KUBECONFIG; env["NO_COLOR"]; Number.MAX_VALUE; f({ TERM: 1 });';
  expect([...variablesReadIn(source)].sort()).toEqual(["HOME", "KUBECONFIG", "NO_COLOR", "PATH"]);
});

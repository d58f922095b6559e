import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseSync, type Statement } from "oxc-parser";
import { typesNamedIn } from "./types-named.ts";

/** A top-level declaration of a `.d.ts`, as tsc wrote it. */
export interface Declaration {
  readonly name: string;
  /** Without its doc comment, and without `export` and `declare`. */
  readonly text: string;
  /** The comment with its delimiters; empty where there is none. */
  readonly doc: string;
  /** Names of types and values that it mentions. */
  readonly mentions: ReadonlySet<string>;
  /** Of an interface: its own properties and methods. */
  readonly members: readonly Member[];
  /** Of a function: how many parameters it takes. */
  readonly parameters: number;
}

/** A property or a method of an interface. */
export interface Member {
  readonly name: string;
  readonly doc: string;
  readonly optional: boolean;
}

/** One `.d.ts`: what it declares, where other names come from, and what it exports. */
export interface DeclarationFile {
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** By the exported name; from another file, or declared here. */
  readonly exports: ReadonlyMap<string, ImportedName>;
  /** Files of which everything is exported. */
  readonly wholeExports: readonly string[];
  readonly text: string;
}

/** `module` is as it is written, empty for the file itself; `name` is `*` for all of it as an object. */
export interface ImportedName {
  readonly module: string;
  readonly name: string;
}

export interface EmittedDeclarations {
  readonly folder: string;
  /** By path below `src` (`core/plan/plan.ts`). */
  readonly files: ReadonlyMap<string, DeclarationFile>;
  readonly remove: () => Promise<void>;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Declarations of all of `src`, made by tsc, so that inferred types are there too. Whoever has them made removes them. */
export async function emitDeclarations(): Promise<EmittedDeclarations> {
  // Where the packages that they name are found from.
  const cache = join(root, "node_modules/.cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "declarations-"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const flags = ["-p", join(root, "tsconfig.build.json"), "--emitDeclarationOnly", "--outDir", folder];
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await promisify(execFile)(process.execPath, [compiler, ...flags]);
    return { folder, files: await readDeclarations(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function readDeclarations(folder: string): Promise<ReadonlyMap<string, DeclarationFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.name.endsWith(".d.ts"));
  const parsed = files.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).replace(/\.d\.ts$/, ".ts");
    return [name, parseDeclarations(await readFile(path, "utf8"))] as const;
  });
  return new Map(await Promise.all(parsed));
}

function parseDeclarations(text: string): DeclarationFile {
  const { program, comments, module, errors } = parseSync("declarations.d.ts", text);
  if (errors.length > 0) throw new Error(errors[0]?.message);
  const docs = comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"));
  const docBefore = (start: number) => {
    const doc = docs.findLast(({ end }) => end <= start);
    return doc && text.slice(doc.end, start).trim() === "" ? text.slice(doc.start, doc.end) : "";
  };
  const declared = program.body.flatMap((statement): readonly Declaration[] => {
    const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (!inner) return [];
    return namesOf(inner).map((name) => ({
      name,
      text: declarationText(text.slice(statement.start, statement.end)),
      doc: docBefore(statement.start),
      mentions: typesNamedIn(statement),
      members: membersOf(inner).map(({ start, ...member }) => ({ ...member, doc: docBefore(start) })),
      parameters: "params" in inner ? inner.params.length : 0,
    }));
  });
  const exported = module.staticExports.flatMap(({ entries }) => entries);
  return {
    text,
    declarations: new Map(declared.map((declaration) => [declaration.name, declaration])),
    imports: new Map(
      module.staticImports.flatMap(({ moduleRequest, entries }) =>
        entries.map(({ localName, importName }) => [
          localName.value,
          { module: moduleRequest.value, name: importName.name ?? "*" },
        ]),
      ),
    ),
    exports: new Map(
      exported.flatMap(({ exportName, moduleRequest, importName, localName }) => {
        if (exportName.name === null) return [];
        const name = importName.name ?? localName.name ?? exportName.name;
        return [[exportName.name, { module: moduleRequest?.value ?? "", name }] as const];
      }),
    ),
    wholeExports: exported.flatMap(({ exportName, moduleRequest }) =>
      exportName.name === null && moduleRequest ? [moduleRequest.value] : [],
    ),
  };
}

function namesOf(statement: Statement): readonly string[] {
  switch (statement.type) {
    case "VariableDeclaration":
      return statement.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
    case "FunctionDeclaration":
    case "TSDeclareFunction":
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
    case "TSEnumDeclaration":
      return statement.id?.type === "Identifier" ? [statement.id.name] : [];
    default:
      return [];
  }
}

function membersOf(statement: Statement): readonly (Omit<Member, "doc"> & { readonly start: number })[] {
  if (statement.type !== "TSInterfaceDeclaration") return [];
  return statement.body.body.flatMap((member) => {
    if (member.type !== "TSPropertySignature" && member.type !== "TSMethodSignature") return [];
    const { key, optional, start } = member;
    return key.type === "Identifier" ? [{ name: key.name, optional, start }] : [];
  });
}

function declarationText(text: string): string {
  return text.replace(/^(export\s+)?(default\s+)?(declare\s+)?/, "").trimEnd();
}

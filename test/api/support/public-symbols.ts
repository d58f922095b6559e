import { posix } from "node:path";
import type { Declaration, DeclarationFile, ImportedName } from "./declarations.ts";

/** A declaration, and the file of `src` that it stands in. */
export interface PublicSymbol extends Declaration {
  readonly file: string;
}

type Files = ReadonlyMap<string, DeclarationFile>;

/** What an entry point exports, by name. Throws where something cannot be found: the report would lack it. */
export function publicSymbols(files: Files, entry: string): ReadonlyMap<string, PublicSymbol> {
  const file = fileOf(files, entry);
  const own = [...file.exports].map(([name, from]) => [name, find(files, entry, from)] as const);
  const whole = file.wholeExports.flatMap((module) => [...publicSymbols(files, pathOf(entry, module))]);
  return new Map([...whole, ...own]);
}

/** Declarations that those of `symbols` mention, directly or not, without themselves. What packages declare is left out. */
export function reachedFrom(files: Files, symbols: Iterable<PublicSymbol>): readonly PublicSymbol[] {
  const seen = new Map([...symbols].map((symbol) => [keyOf(symbol), symbol]));
  const given = new Set(seen.keys());
  const open = [...seen.values()];
  for (let next = open.pop(); next; next = open.pop()) {
    for (const name of next.mentions) {
      const found = lookUp(files, next.file, name);
      if (!found || seen.has(keyOf(found))) continue;
      seen.set(keyOf(found), found);
      open.push(found);
    }
  }
  return [...seen].flatMap(([key, symbol]) => (given.has(key) ? [] : [symbol]));
}

/**
 * Packages that a symbol's declaration names types of, with what it calls them (`import * as z from "zod/mini"`), also by a
 * file that exports the whole of a package again.
 */
export function packageImports(files: Files, symbols: Iterable<PublicSymbol>): readonly string[] {
  const lines = [...symbols].flatMap(({ file, mentions }) =>
    [...mentions].flatMap((name) => {
      const from = fileOf(files, file).imports.get(name);
      if (!from) return [];
      const what = from.name === "*" ? `* as ${name}` : `{ ${name} }`;
      return packagesOf(files, file, from).map((module) => `import ${what} from "${module}";`);
    }),
  );
  return [...new Set(lines)].sort();
}

function packagesOf(files: Files, file: string, { module, name }: ImportedName): readonly string[] {
  if (!module.startsWith(".")) return [module];
  if (name !== "*") return [];
  return fileOf(files, pathOf(file, module)).wholeExports.filter((again) => !again.startsWith("."));
}

function lookUp(files: Files, file: string, name: string): PublicSymbol | undefined {
  const { declarations, imports } = fileOf(files, file);
  const declaration = declarations.get(name);
  if (declaration) return { ...declaration, file };
  const from = imports.get(name);
  return from?.module.startsWith(".") && from.name !== "*" ? find(files, file, from) : undefined;
}

function find(files: Files, file: string, { module, name }: ImportedName): PublicSymbol {
  const path = module === "" ? file : pathOf(file, module);
  const found = lookUp(files, path, name);
  if (found) return found;
  const again = fileOf(files, path).exports.get(name);
  if (again && again.module !== "") return find(files, path, again);
  throw new Error(`${name}, that ${file} names, is not declared in ${path}`);
}

function fileOf(files: Files, path: string): DeclarationFile {
  const file = files.get(path);
  if (!file) throw new Error(`no declarations of src/${path}`);
  return file;
}

function pathOf(from: string, module: string): string {
  return posix.join(posix.dirname(from), module);
}

function keyOf({ file, name }: PublicSymbol): string {
  return `${file}#${name}`;
}

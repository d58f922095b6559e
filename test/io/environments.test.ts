import { join } from "node:path";
import { expect, test } from "vitest";
import { environmentsDefinedIn } from "../../src/core/tree/environment-names.ts";
import { loadEnvironments } from "../../src/io/environments.ts";
import { recordedTree } from "../support/recorded-helmfile.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

test.each([
  ["plain keys", "environments:\n  eqiad:\n    values:\n      - a: b\n  codfw: {}\n", ["codfw", "eqiad"]],
  [
    "quotes and comments",
    "environments: # all\n  # one\n  'staging-codfw': {}\n\n  \"eqiad\":\nreleases:\n  x:\n",
    ["eqiad", "staging-codfw"],
  ],
  [
    "lines of templates",
    "environments:\n{{- if true }}\n  eqiad:\n    {{ toYaml .x }}\n{{ end }}\n  codfw:\n",
    ["codfw", "eqiad"],
  ],
  ["comments of templates", "environments:\n{{/* not\n  this:\n*/}}\n  eqiad:\n", ["eqiad"]],
  [
    "several parts",
    "environments:\n  eqiad:\n---\nenvironments:\n  codfw:\nreleases: []\n",
    ["codfw", "eqiad"],
  ],
  ["one line", "environments: {eqiad: {values: [{a: b}]}, codfw: {}}\n", ["codfw", "eqiad"]],
  ["Windows line ends", "environments:\r\n  eqiad: {}\r\n", ["eqiad"]],
])("%s are read", (_, text, names) => {
  expect(environmentsDefinedIn(text)).toEqual({ names, isComplete: true });
});

test.each([
  ["no key", "releases: []\n", []],
  ["a key that is not at the top", "a:\n  environments:\n    eqiad:\n", []],
  ["a name that a template makes", "environments:\n  eqiad:\n  {{ $name }}:\n", ["eqiad"]],
  ["a value that a template makes", 'environments: {{ readFile "x" }}\n', []],
])("%s is not complete", (_, text, names) => {
  expect(environmentsDefinedIn(text)).toEqual({ names, isComplete: false });
});

test("the names of several helmfiles are put together", async () => {
  const folder = temporaryFolder({
    "a.yaml": "environments:\n  eqiad:\n",
    "b.yaml": "environments:\n  codfw:\n  eqiad:\n",
  });
  const files = ["a.yaml", "b.yaml"].map((name) => join(folder, name));
  expect(await loadEnvironments(files)).toEqual({ names: ["codfw", "eqiad"], isComplete: true });
  expect(await loadEnvironments([...files, join(folder, "gone")])).toEqual({
    names: ["codfw", "eqiad"],
    isComplete: false,
  });
});

test("a helmfile that takes its environments from elsewhere is told from one that has them", async () => {
  const service = (name: string): string => join(recordedTree, "services", name, "helmfile.yaml");
  expect(await loadEnvironments([service("codfw-only")])).toEqual({ names: ["codfw"], isComplete: true });
  expect(await loadEnvironments([service("codfw-only"), service("mw-web")])).toEqual({
    names: ["codfw"],
    isComplete: false,
  });
});

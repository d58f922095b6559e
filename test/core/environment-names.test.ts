import { expect, test } from "vitest";
import { environmentsDefinedIn } from "../../src/core/tree/environment-names.ts";

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
  [
    "comments of templates",
    "environments:\n{{/* not\n  this: {{ .x }}\n*/}}\n{{- /* nor\n  that: {{ .y }}\n*/ -}}\n  eqiad:\n",
    ["eqiad"],
  ],
  [
    "several parts",
    "environments:\n  eqiad:\n---\nenvironments:\n  codfw:\nreleases: []\n",
    ["codfw", "eqiad"],
  ],
  ["one line", "environments: {eqiad: {values: [{a: b}]}, codfw: {}}\n", ["codfw", "eqiad"]],
  [
    "the lines behind an action that goes over several",
    "{{ $x := `\nenvironments:\n  not:\n` }}\nenvironments:\n  eqiad:\n",
    ["eqiad"],
  ],
  ["one line with a comment", "environments: {eqiad: {}} # {codfw: {}}\n", ["eqiad"]],
  ["Windows line ends", "environments:\r\n  eqiad: {}\r\n", ["eqiad"]],
])("%s are read", (_, text, names) => {
  expect(environmentsDefinedIn(text)).toEqual({ names, isComplete: true });
});

test.each([
  ["no key", "releases: []\n", []],
  ["a key that is not at the top", "a:\n  environments:\n    eqiad:\n", []],
  ["a name that a template makes", "environments:\n  eqiad:\n  {{ $name }}:\n", ["eqiad"]],
  ["a name that is none", "environments:\n  my env:\n  eqiad:\n", ["eqiad"]],
  ["a value that a template makes", 'environments: {{ readFile "x" }}\n', []],
])("%s is not complete", (_, text, names) => {
  expect(environmentsDefinedIn(text)).toEqual({ names, isComplete: false });
});

test("what never ends, or is long, is read in the time of its length", () => {
  const many = (text: string) => text.repeat(200_000);
  const texts = [
    many("{{/*"),
    many("{{ x\n"),
    `${many("{{ x\n")}}} y`,
    `environments: {${many("{")}${many("}")}}`,
  ];
  for (const text of texts) expect(environmentsDefinedIn(text).names).toEqual([]);
  expect(environmentsDefinedIn(`environments: ${many(" ")}{eqiad: {}}`).names).toEqual(["eqiad"]);
});

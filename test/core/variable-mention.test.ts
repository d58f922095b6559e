import { expect, it } from "vitest";
import { mentionsIn } from "../../src/core/manifests/variable-mention.ts";

it.each([
  ["reads one as it is", "curl $DB_SERVICE_HOST", "needed"],
  ["reads one with a default", `curl \${DB_SERVICE_HOST:-db}`, "default"],
  ["sets it itself before", "export DB_SERVICE_HOST=db\ncurl $DB_SERVICE_HOST", "default"],
  ["sets it by a default before", `: \${DB_SERVICE_HOST:=db}\ncurl $DB_SERVICE_HOST`, "default"],
  [
    "reads one with a default, and then without it",
    `curl \${DB_SERVICE_HOST:-db} $DB_SERVICE_HOST`,
    "needed",
  ],
  ["sets it only behind", "curl $DB_SERVICE_HOST\nDB_SERVICE_HOST=db", "needed"],
  ["sets it from itself", "DB_SERVICE_HOST=$DB_SERVICE_HOST\ncurl $DB_SERVICE_HOST", "needed"],
  ["compares it", "test x$DB_SERVICE_HOST == x", "needed"],
  ["gives it to PHP", "env['DB_SERVICE_HOST'] = $DB_SERVICE_HOST", "needed"],
  ["is a setting of that name in YAML", "a: 1\n- DB_SERVICE_PORT: 80\n", "not"],
  ["is a setting of that name in JSON", '{ "a": 1, "DB_SERVICE_PORT": 80 }', "not"],
  ["is a setting with the variable in it", `DB_SERVICE_HOST: \${DB_SERVICE_HOST}`, "needed"],
  ["looks it up in code", 'host = os.environ["DB_SERVICE_HOST"]', "needed"],
])("a text that %s", (_, text, expected) => {
  const [mention] = mentionsIn([text]);
  expect(mention === undefined ? "not" : mention.hasDefault ? "default" : "needed").toBe(expected);
});

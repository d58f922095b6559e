import { expect, it } from "vitest";
import { isGiven, lastValue, splitFlag, withoutFlag } from "../../src/core/common/command-flags.ts";

it("a flag and what hangs on it are told apart", () => {
  expect(["--jobs=4", "--jobs=", "--jobs", "-s", "-sthumbor", "-s="].map(splitFlag)).toEqual([
    { typed: "--jobs", inline: "4" },
    { typed: "--jobs", inline: "" },
    { typed: "--jobs" },
    { typed: "-s" },
    { typed: "-s", inline: "thumbor" },
    { typed: "-s", inline: "=" },
  ]);
});

it("a flag goes with its value, and what stands behind -- stays", () => {
  const argv = ["apply", "--state-dir", "x", "-e", "north", "--state_dir=y", "--", "--state-dir", "z"];
  expect(withoutFlag(argv, "--state-dir")).toEqual(["apply", "-e", "north", "--", "--state-dir", "z"]);
});

it("of several values the last counts, whatever hyphen is used", () => {
  expect(lastValue(["-e", "north", "--environment=south"], "--environment", "-e")).toBe("south");
  expect(lastValue(["--other", "north"], "--environment", "-e")).toBeUndefined();
  expect([isGiven(["--no_plugin"], "--no-plugin"), isGiven(["--plugin", "x"], "--no-plugin")]).toEqual([
    true,
    false,
  ]);
});

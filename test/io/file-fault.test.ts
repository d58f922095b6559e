import { expect, it } from "vitest";
import { hostFault, messageOf } from "../../src/host/error-message.ts";
import { fileFaultCode } from "../../src/io/file-fault.ts";
import { isTerminalGone } from "../../src/io/terminal.ts";

it("what is thrown may throw itself when it is looked at, and is no fault of files, host or terminal", () => {
  const refuses = () => {
    throw new Error("do not look");
  };
  const keys = ["code", "syscall", "path", "message"].map((key) => [key, { get: refuses }]);
  const hostile = [
    Object.defineProperties(new Error(), Object.fromEntries(keys)),
    new Proxy({}, { getPrototypeOf: refuses }),
  ];
  for (const error of hostile) {
    expect(fileFaultCode(error)).toBeUndefined();
    expect(isTerminalGone(error)).toBe(false);
    expect(hostFault(error)).toBeUndefined();
    expect(messageOf(error)).toBe("something that cannot be told in words");
  }
});

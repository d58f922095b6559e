import { readFile, stat } from "node:fs/promises";
import { fileFaultCode } from "./file-fault.ts";
import { parseKubeconfigText } from "./kubeconfig-text.ts";

/**
 * Why a file cannot be the kubeconfig that somebody took it for; undefined where it may be one: whoever uses it tells
 * what else is wrong with it. A pipe is not read here, as it can be read only once.
 */
export async function faultOfKubeconfigFile(file: string): Promise<string | undefined> {
  try {
    const found = await stat(file);
    if (found.isDirectory()) return `${file} is a directory`;
    if (!found.isFile()) return undefined;
    const content = parseKubeconfigText(await readFile(file, "utf8"));
    return content.ok ? undefined : `${file} cannot be used: ${content.failure}`;
  } catch (error) {
    return ["ENOENT", "ENOTDIR"].includes(fileFaultCode(error) ?? "") ? `there is no ${file}` : undefined;
  }
}

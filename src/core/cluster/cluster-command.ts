import { quoted } from "../common/words.ts";

/**
 * A command on one namespace of a cluster, as a person would type it; the namespace is empty where helmfile gives none.
 * Nothing here ever goes through a shell.
 */
export function clusterCommand(
  program: string,
  words: string,
  { namespace, kubeconfig }: { readonly namespace: string; readonly kubeconfig: string | undefined },
): string {
  const file = kubeconfig === undefined ? "" : ` --kubeconfig ${quoted(kubeconfig)}`;
  const where = namespace === "" ? "" : ` -n ${namespace}`;
  return `${program}${file}${where} ${words}`;
}

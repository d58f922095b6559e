import type { BuildOptions } from "esbuild";

export function bundleOptions(bundle: {
  readonly version: string;
  readonly outdir: string;
  readonly isSmall: boolean;
}): BuildOptions;

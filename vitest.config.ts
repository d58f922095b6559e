import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/{core,scripts,simulation}/**/*.test.ts", "test/*.test.ts"],
          // Nothing here touches what is outside of it: to load the sources anew for each file takes longer than the tests.
          isolate: false,
          // Nothing here is timed.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "host",
          globalSetup: "test/support/bundle-once.ts",
          include: ["test/{api,docs,host,io}/**/*.test.ts"],
          isolate: false,
          // Nothing here is timed: on a busy machine, loading the Kubernetes client alone takes seconds.
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "e2e",
          globalSetup: "test/e2e/support/worker-clusters.ts",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "package",
          include: ["test/package/**/*.test.ts"],
          globalSetup: "test/package/support/install.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "faults",
          globalSetup: "test/support/bundle-once.ts",
          include: ["test/faults/**/*.test.ts"],
          // Much is done in each, and FAULTS=all does all of it.
          testTimeout: process.env.FAULTS === "all" ? 3_600_000 : 600_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

// All of zod that schemas here are made of: its functions, not the classes with dozens of methods for each schema, which
// are a good part of what a command needs to start.

import { en } from "zod/locales";
import { config } from "zod/mini";

// By itself this part of zod says "Invalid input" of everything. The language is one for all of the process: it is set as
// classic zod sets it with its first schema, and only where nobody has chosen one.
if (!config().localeError) config(en());

export * from "zod/mini";

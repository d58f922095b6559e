/**
 * How zod is to parse what is parsed once in a process: step by step. The code that it would else generate and compile
 * for a schema first pays off only when the schema is used many times.
 */
export const parsedOnce = { jitless: true } as const;

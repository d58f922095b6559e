export interface KeptLines {
  readonly output: (line: string) => void;
  /** The last lines so far, the newest at the end. */
  readonly lines: () => readonly string[];
}

/** Passes lines on and keeps the last ones for the failure's message. */
export function keepLast(output: (line: string) => void, count = 20): KeptLines {
  const kept: string[] = [];
  return {
    output: (line) => {
      kept.push(line);
      if (kept.length > count) kept.shift();
      output(line);
    },
    lines: () => [...kept],
  };
}

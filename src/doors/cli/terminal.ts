import type { Readable, Writable } from 'node:stream';

/** What a command sees of the world outside: streams, environment, and whether a person sits in front. */
export interface Terminal {
  readonly stdin: Readable & { isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly stdout: Writable & { isTTY?: boolean; columns?: number };
  readonly stderr: Writable & { isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of a clock that only runs forward; for rates and remaining times. */
  readonly elapsedMs: () => number;
}

/** The real terminal of this process. */
export function processTerminal(): Terminal {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    elapsedMs: () => performance.now(),
  };
}

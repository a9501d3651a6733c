import { type Child, type ChildOptions, startChild } from './child.ts';

/** Starts processes in order, starts a dead one again, stops them in the opposite order. */
export class Supervisor {
  readonly #logFolder: string;
  readonly #onEvent: (event: SupervisorEvent) => void;
  readonly #children = new Map<string, Child>();
  readonly #restarts = new Set<Promise<void>>();
  #stopping = false;

  constructor(options: { logFolder: string; onEvent: (event: SupervisorEvent) => void }) {
    this.#logFolder = options.logFolder;
    this.#onEvent = options.onEvent;
  }

  /** Starts `name` and keeps it running until `stop`. Errors: as the process reports on its first start. */
  async start(name: string, configFile: string, readyWithinMs = 60_000): Promise<Child> {
    const options: ChildOptions = {
      name,
      configFile,
      logFolder: this.#logFolder,
      readyWithinMs,
      onExit: (code) => this.#onExit(options, code),
    };
    const child = await startChild(options);
    this.#children.set(name, child);
    return child;
  }

  #onExit(options: ChildOptions, code: number | null): void {
    this.#children.delete(options.name);
    if (this.#stopping) return;
    this.#onEvent({ type: 'ended', process: options.name, code });
    const again = this.#startAgain(options).finally(() => this.#restarts.delete(again));
    this.#restarts.add(again);
  }

  /** A process that dies is started again at once, then ever more slowly; one that refuses to start is left alone. */
  async #startAgain(options: ChildOptions): Promise<void> {
    for (let pause = 100; !this.#stopping; pause = Math.min(pause * 2, 5_000)) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (this.#stopping) return;
      try {
        const child = await startChild(options);
        if (this.#stopping) {
          await child.stop();
          return;
        }
        this.#children.set(options.name, child);
        this.#onEvent({ type: 'restarted', process: options.name });
        return;
      } catch (error) {
        this.#onEvent({ type: 'refused', process: options.name, error });
      }
    }
  }

  /** The running processes by name; for tests that kill one. */
  pid(name: string): number | undefined {
    return this.#children.get(name)?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.allSettled(this.#restarts);
    for (const child of [...this.#children.values()].reverse()) await child.stop();
    this.#children.clear();
  }
}

export type SupervisorEvent =
  | { type: 'ended'; process: string; code: number | null }
  | { type: 'restarted'; process: string }
  | { type: 'refused'; process: string; error: unknown };

import type { Clock } from '../ground/clock.ts';
import { type ArchiveState, archiveState } from '../ground/database/index.ts';
import { asSekishoError } from '../ground/errors.ts';
import type { Log } from '../ground/log.ts';

/** Between two looks at the archive. */
const lookEveryMs = 10 * 60_000;

export interface BackupKeeperOptions {
  archive: string;
  bases: string;
  /** A base copy is made when the newest is older than this; 0: never by itself. */
  everyMs: number;
  /** A base copy is made, or at `everyMs` 0 a warning given, when so much WAL has been archived since the newest. */
  limitBytes: number;
  clock: Clock;
  log: Log;
  /** Makes a base copy, with what goes with it; gives its name. */
  backup: () => Promise<string>;
  onEvent?: (event: BackupEvent) => void;
}

export type BackupEvent =
  | { type: 'made'; base: string }
  | { type: 'failed'; error: unknown }
  /** Nobody makes backups: the archive has passed its limit. */
  | { type: 'archive-large'; sizeBytes: number; ageMs: number };

/**
 * Sees to it that the WAL archive of a running house does not grow for ever. WAL goes only with a base copy that makes it
 * needless, so what is done about a large archive is a base copy, never a deletion.
 */
export class BackupKeeper {
  readonly #o: BackupKeeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(o: BackupKeeperOptions) {
    this.#o = o;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look().finally(() => {
        this.#looking = undefined;
      });
    }, lookEveryMs);
    this.#timer.unref();
  }

  /** A base copy under way is finished first: the server it copies is about to stop. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** One look; whatever fails is told of and tried again at the next. */
  async look(): Promise<void> {
    const { log, onEvent, everyMs } = this.#o;
    try {
      const state = await archiveState(this.#o);
      if (!this.#isDue(state)) return;
      if (everyMs === 0) {
        const size = { sizeBytes: state.sizeBytes, ageMs: this.#age(state) };
        log.warn('wal-archive-large', { size: size.sizeBytes, ageMs: size.ageMs });
        onEvent?.({ type: 'archive-large', ...size });
        return;
      }
      const base = await this.#o.backup();
      log.info('backup-made-by-itself', { bytes: state.sinceBytes, ageMs: this.#age(state) });
      onEvent?.({ type: 'made', base });
    } catch (error) {
      log.error('backup-failed', asSekishoError(error));
      onEvent?.({ type: 'failed', error });
    }
  }

  #age({ since }: ArchiveState): number {
    return since === null ? 0 : Math.max(0, this.#o.clock.now() - since);
  }

  /** A house in which nothing happens needs no new copy, however old the newest is. */
  #isDue(state: ArchiveState): boolean {
    const { everyMs, limitBytes } = this.#o;
    if (state.sinceBytes >= limitBytes) return true;
    return everyMs > 0 && state.sinceBytes > 0 && this.#age(state) >= everyMs;
  }
}

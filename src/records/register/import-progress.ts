import type { Clock } from '../../ground/clock.ts';

/** How far an import is. Times are estimates from the phase's own rate. */
export interface Progress {
  phase: 'checking' | 'writing';
  rows: number;
  /** Rows in all; known once the file has been checked. */
  rowsTotal: number | null;
  bytes: number;
  bytesTotal: number;
  rowsPerSecond: number;
  secondsLeft: number | null;
}
export type OnProgress = (progress: Progress) => void;

/** Turns counts into progress: share by bytes read, rate since the phase began. */
export class ImportProgress {
  readonly #clock: Clock;
  readonly #bytesTotal: number;
  readonly #tell: OnProgress | undefined;
  #phase: Progress['phase'] | undefined;
  #phaseStart = 0;

  constructor(clock: Clock, bytesTotal: number, tell: OnProgress | undefined) {
    this.#clock = clock;
    this.#bytesTotal = bytesTotal;
    this.#tell = tell;
  }

  tell(phase: Progress['phase'], rows: number, bytes: number, rowsTotal: number | null = null): void {
    if (!this.#tell) return;
    if (this.#phase !== phase) {
      this.#phase = phase;
      this.#phaseStart = this.#clock.now();
    }
    const seconds = Math.max(0, this.#clock.now() - this.#phaseStart) / 1000;
    const share = this.#bytesTotal > 0 ? Math.min(1, bytes / this.#bytesTotal) : 0;
    this.#tell({
      phase,
      rows,
      rowsTotal,
      bytes,
      bytesTotal: this.#bytesTotal,
      rowsPerSecond: seconds > 0 ? rows / seconds : 0,
      secondsLeft: share > 0 && seconds > 0 ? (seconds * (1 - share)) / share : null,
    });
  }
}

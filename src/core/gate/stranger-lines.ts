import type { Clock } from '../../ground/clock.ts';
import { isSekishoError, SekishoError } from '../../ground/errors.ts';
import type { Log } from '../../ground/log.ts';
import type { LineKind } from '../journal/index.ts';
import type { Refusals, Refused } from './refusals.ts';

/** Lines a minute about tries of which nobody knows whose they are. */
export const strangerLinesMax = 60;

/**
 * Refusals at doors that anybody can knock at. Those of somebody known always stand in the journal; of a stranger's, who could fill it,
 * so many a minute do, and the rest are counted in the log.
 */
export class StrangerLines {
  readonly #refusals: Refusals;
  readonly #clock: Clock;
  readonly #log: Log;
  #minute = -1;
  #written = 0;
  #left = 0;

  constructor(o: { refusals: Refusals; clock: Clock; log: Log }) {
    this.#refusals = o.refusals;
    this.#clock = o.clock;
    this.#log = o.log;
  }

  async note(kind: LineKind, error: unknown, refused: Refused, known: boolean): Promise<SekishoError> {
    if (known || !isSekishoError(error) || this.#mayWrite())
      return await this.#refusals.note(kind, error, refused);
    return error.kind === 'sign-in-failed' ? new SekishoError('sign-in-failed') : error;
  }

  #mayWrite(): boolean {
    const minute = Math.floor(this.#clock.now() / 60_000);
    if (minute !== this.#minute) {
      if (this.#left > 0) this.#log.warn('refusals-of-strangers-not-journalled', { count: this.#left });
      this.#minute = minute;
      this.#written = 0;
      this.#left = 0;
    }
    if (this.#written < strangerLinesMax) {
      this.#written++;
      return true;
    }
    this.#left++;
    return false;
  }
}

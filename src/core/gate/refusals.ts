import { asSekishoError, isSekishoError, SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode, PersonId } from '../../ground/ids.ts';
import { isUuid } from '../../ground/ids.ts';
import type { Log } from '../../ground/log.ts';
import type { LineKind } from '../journal/index.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, refusalOf } from './lines.ts';
import type { Session } from './sessions.ts';
import { stepLimitMs, withinLimit } from './time-limit.ts';

export interface Refused {
  session?: Session | undefined;
  caller: string;
  person?: PersonId | undefined;
  /** Where no session tells it. */
  municipality?: MunicipalityCode | undefined;
  body?: Readonly<Record<string, unknown>>;
}

/**
 * Writes refusals into the journal, as openings are. A refusal stands whether or not its line could be written:
 * then the log says so, for the journal is what is broken.
 */
export class Refusals {
  readonly #journalOf: (municipality: MunicipalityCode | undefined) => GateJournal;
  readonly #log: Log;
  readonly #limitMs: number;

  /** @param journalOf the journal of a municipality, or the gate's first one where none is known */
  constructor(
    journalOf: (municipality: MunicipalityCode | undefined) => GateJournal,
    log: Log,
    limitMs: number = stepLimitMs,
  ) {
    this.#limitMs = limitMs;
    this.#journalOf = journalOf;
    this.#log = log;
  }

  /** Notes the refusal and returns the error to throw: facts of a session stay with the gate. */
  async note(kind: LineKind, error: unknown, refused: Refused): Promise<SekishoError> {
    const known = asSekishoError(error);
    if (!isSekishoError(error)) this.#log.error('gate-broke', error);
    const { session, caller, person } = refused;
    const body = withKnownCase(refused.body);
    try {
      const line = {
        kind,
        ...(person !== undefined && isUuid(person) ? { person } : {}),
        body: { ...(session ? actorOf(session, caller) : { caller }), ...body, ...refusalOf(known) },
      };
      const journal = this.#journalOf(session?.member.municipality ?? refused.municipality);
      await withinLimit(journal.append({ lines: [line] }), this.#limitMs, 'journal', 'unknown');
    } catch (failure) {
      this.#log.error('refusal-not-journalled', failure);
    }
    return outward(known);
  }
}

/** A case that is no id is the caller's own text: it is not written down. */
function withKnownCase(body: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { case: caseId, ...rest } = body;
  return typeof caseId === 'string' && isUuid(caseId) ? { case: caseId, ...rest } : rest;
}

/** What the caller is told: why a sign-in failed would help him who tries. */
function outward(error: SekishoError): SekishoError {
  return error.kind === 'sign-in-failed' ? new SekishoError('sign-in-failed') : error;
}

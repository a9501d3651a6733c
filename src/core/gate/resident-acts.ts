import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { LineKind } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import type { Refusals } from './refusals.ts';
import type { Resident, ResidentSessions } from './resident-sessions.ts';

/** What every operation of a resident's own is asked with: nothing that could name anybody else. */
export interface OwnInput {
  session: string;
}

export interface ResidentActsParts {
  residents: ResidentSessions;
  authority: Authority;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal | undefined;
}

/**
 * Who acts, as a line about a resident says it: himself, or another of his household, of whom it says no more. The session's ref
 * leads the officer to the sign-in.
 */
export function residentActor(
  { ref }: Resident,
  caller: string,
  actor: 'self' | 'household' = 'self',
): Record<string, unknown> {
  return { actor, role: 'resident', office: 'portal', session: ref, caller };
}

/** The frame of a resident's own operations: his session says who he is, and what refuses him is a line about him. */
export class ResidentActs {
  readonly #parts: ResidentActsParts;

  constructor(parts: ResidentActsParts) {
    this.#parts = parts;
  }

  /** @param refusal kind and further fields of the line, should it be refused */
  async act<T>(
    operation: string,
    input: OwnInput,
    caller: string,
    act: (resident: Resident, journal: GateJournal) => Promise<T>,
    refusal: { kind: LineKind; body: Readonly<Record<string, unknown>> } = {
      kind: 'request.refused',
      body: { operation },
    },
  ): Promise<T> {
    let resident: Resident | undefined;
    try {
      resident = this.#parts.residents.require(input.session);
      this.#parts.authority.requireOwn();
      const journal = this.#parts.journalOf(resident.municipality);
      if (journal === undefined) throw new SekishoError('journal-unavailable');
      return await act(resident, journal);
    } catch (error) {
      const { kind, body } = refusal;
      throw await this.#parts.refusals.note(kind, error, {
        caller,
        ...(resident === undefined ? {} : { municipality: resident.municipality, person: resident.person }),
        body: { ...(resident === undefined ? {} : residentActor(resident, caller)), ...body },
      });
    }
  }
}

import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import { absoluteMs, type Session, type Sessions } from './sessions.ts';
import type { Staff } from './staff.ts';
import type { StrangerLines } from './stranger-lines.ts';

export interface SignInInput {
  staff: string;
  terminal: string;
  nonce: string;
  /** Base64 Ed25519 over the nonce's characters. */
  signature: string;
  pin: string;
}

export interface SignedIn {
  session: string;
  /** ms since 1970; 15 idle minutes end it earlier. */
  expiresAt: number;
  role: string;
  office: string;
  municipality: MunicipalityCode;
}

export interface SignInParts {
  sessions: Sessions;
  staff: Staff;
  refusals: Refusals;
  strangers: StrangerLines;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
}

/** Signing in and out; each a line, as is each try that failed. */
export class SignIn {
  readonly #parts: SignInParts;

  constructor(parts: SignInParts) {
    this.#parts = parts;
  }

  /** @throws sign-in-failed without any reason: the line has it */
  async signIn(input: SignInInput, caller: string): Promise<SignedIn> {
    const { sessions, staff, strangers } = this.#parts;
    try {
      const { member, terminal } = await sessions.verify(input);
      const { id, session } = sessions.draw(member, terminal);
      const expiresAt = session.startedAt + absoluteMs;
      const body = { ...actorOf(session, caller), factors: 2, by: 'pin', expiresAt, outcome: 'opened' };
      await this.#parts.journalOf(member.municipality).append({
        lines: [{ kind: 'session.opened', body }],
        within: (tx) => sessions.store(tx, session),
      });
      sessions.add(session);
      return {
        session: id,
        expiresAt,
        role: member.role,
        office: member.office,
        municipality: member.municipality,
      };
    } catch (error) {
      // A name that is nobody's may be a password typed into the wrong field: it is not written down.
      const member = staff.find(input.staff);
      const body = member ? { actor: member.staffId, municipality: member.municipality } : {};
      const refused = { caller, body, municipality: member?.municipality };
      throw await strangers.note('session.refused', error, refused, member !== undefined);
    }
  }

  async signOut(input: { session: string; terminal?: string | undefined }, caller: string): Promise<void> {
    const { sessions, refusals } = this.#parts;
    let session: Session | undefined;
    try {
      const found = sessions.get(input.session, input.terminal);
      session = found;
      await sessions.end((each) => each === found, 'session-invalid');
      const body = { ...actorOf(found, caller), outcome: 'closed' };
      const journal = this.#parts.journalOf(found.member.municipality);
      const [line] = await journal.append({ lines: [{ kind: 'session.closed', body }] });
      if (!line) throw new SekishoError('journal-unavailable');
    } catch (error) {
      const body = { operation: 'sign-out' };
      throw await refusals.note('request.refused', error, { session, caller, body });
    }
  }
}

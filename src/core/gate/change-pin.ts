import { SekishoError } from '../../ground/errors.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { Authority } from './authority.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { Session, Sessions } from './sessions.ts';
import { newPin, type Staff } from './staff.ts';

export interface ChangePinInput {
  session: string;
  terminal?: string | undefined;
  oldPin: string;
  newPin: string;
}

export interface PinChangeParts {
  sessions: Sessions;
  staff: Staff;
  authority: Authority;
  refusals: Refusals;
  journalOf: (session: Session) => GateJournal;
  randomness: Randomness;
}

/** A member's own PIN, changed by himself: the old one is asked for again, and wrong ones count as at a sign-in. */
export class PinChange {
  readonly #parts: PinChangeParts;

  constructor(parts: PinChangeParts) {
    this.#parts = parts;
  }

  /**
   * The member's other sessions end: one opened with the old PIN may not be his.
   * @throws sign-in-failed without a reason (the line has it); bad-input {at: 'pin'}; session-invalid; suspended
   */
  async change(input: ChangePinInput, caller: string): Promise<{ sessionsEnded: number }> {
    const { sessions, staff, refusals, randomness, journalOf } = this.#parts;
    let session: Session | undefined;
    try {
      session = sessions.get(input.session, input.terminal);
      const { member } = session;
      const pin = await newPin(input.newPin, randomness);
      if (!(await staff.checkPin(member, input.oldPin))) throw await this.#wrong(session);
      if (input.newPin.normalize('NFKC') === input.oldPin.normalize('NFKC'))
        throw new SekishoError('bad-input', { at: 'pin', reason: 'unchanged' });
      const before = { pinSalt: member.pinSalt, pinHash: member.pinHash };
      const body = { ...actorOf(session, caller), staff: member.staffId, outcome: 'done' };
      try {
        await journalOf(session).append({
          lines: [{ kind: 'staff.pin-changed', body }],
          within: (tx) => staff.storePin(tx, member, pin),
        });
      } catch (error) {
        // What was not committed does not count.
        if (member.pinHash === pin.hash) Object.assign(member, before);
        throw error;
      }
      const own = session;
      const sessionsEnded = await sessions.end(
        (each) => each.member === member && each !== own,
        'session-invalid',
      );
      return { sessionsEnded };
    } catch (error) {
      const body = { operation: 'change-pin' };
      throw await refusals.note('request.refused', error, { session, caller, body });
    }
  }

  /** The fifth wrong one locks: then whoever tried is out at once, and no decision made for him is remembered. */
  async #wrong({ member }: Session): Promise<SekishoError> {
    if (member.state === 'active') return new SekishoError('sign-in-failed', { reason: 'pin' });
    this.#parts.authority.policy.forget();
    await this.#parts.sessions.end((each) => each.member === member, 'suspended');
    return new SekishoError('sign-in-failed', { reason: member.state });
  }
}

import { SekishoError } from '../../ground/errors.ts';
import type { Decision } from './authority.ts';
import type { Session } from './sessions.ts';

/** Who asks, from where, in which case: the part of a line's body that a session gives. */
export function actorOf(session: Session, caller: string): Record<string, unknown> {
  const { member, terminal } = session;
  return {
    actor: member.staffId,
    role: member.role,
    office: member.office,
    terminal: terminal.terminalId,
    session: session.ref,
    caller,
  };
}

/** Under which law and policy: their hashes tell later which tables were in force. */
export function basisOf(
  decision: Decision,
  hashes: { statutes: string; policies: string },
): Record<string, unknown> {
  const { statute } = decision;
  return { purpose: statute.purpose, basis: statute.id, ...hashes };
}

/** A refusal as a line tells it: kind and facts of the error, which never hold a personal value. */
export function refusalOf(error: unknown): { outcome: 'refused'; reason: string; facts: object } {
  if (error instanceof SekishoError)
    return { outcome: 'refused', reason: error.kind, facts: { ...error.facts } };
  return { outcome: 'refused', reason: 'internal', facts: {} };
}

const longDigits = /[0-9０-９][0-9０-９\s\-‐－ー]{2,}[0-9０-９]/gu;

/** A reason in a clerk's own words, for the line: cut to 200 characters, runs of four digits and more masked. */
export function spokenReason(text: string): string {
  return text.replace(longDigits, '‹digits›').slice(0, 200);
}

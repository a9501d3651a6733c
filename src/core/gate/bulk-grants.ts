import type pg from 'pg';
import type { Clock } from '../../ground/clock.ts';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';
import { uuidv7 } from '../../ground/ids.ts';
import type { Randomness } from '../../ground/randomness.ts';
import type { LineKind } from '../journal/index.ts';
import type { Authority } from './authority.ts';
import type { Cases } from './cases.ts';
import { checkAsked, type Grant, type GrantState, type Grants } from './grants.ts';
import type { GateJournal } from './journal-port.ts';
import { actorOf, spokenReason } from './lines.ts';
import type { Refusals } from './refusals.ts';
import type { MacValue, RowMacs } from './row-mac.ts';
import type { Session, Sessions } from './sessions.ts';

export interface AskGrantInput {
  session: string;
  terminal?: string | undefined;
  caseId: string;
  groups: string[];
  count: number;
  /** ms since 1970 */
  endsAt: number;
  reason: string;
}

export interface GrantInput {
  session: string;
  terminal?: string | undefined;
  grant: string;
}

export interface GrantStatus {
  grant: string;
  state: GrantState;
  purpose: string;
  groups: readonly string[];
  count: number;
  left: number;
  endsAt: number;
  askedBy: string;
  approvedBy: string | null;
}

export interface BulkGrantsParts {
  pool: pg.Pool;
  sessions: Sessions;
  cases: Cases;
  authority: Authority;
  grants: Grants;
  refusals: Refusals;
  journalOf: (municipality: MunicipalityCode) => GateJournal;
  macs: RowMacs;
  clock: Clock;
  randomness: Randomness;
}

/** Asking, approving, taking back: a bulk grant takes two people, and each step is a line. */
export class BulkGrants {
  readonly #parts: BulkGrantsParts;

  constructor(parts: BulkGrantsParts) {
    this.#parts = parts;
  }

  async load(): Promise<void> {
    const { rows } = await this.#parts.pool.query(
      'SELECT * FROM gate.bulk_grant WHERE ends_at_ms > $1 AND state <> $2',
      [this.#parts.clock.now(), 'revoked'],
    );
    const stored = rows.map((row) => ({ ...grantOf(row), row_mac: row.row_mac as Buffer }));
    this.#parts.grants.load(await this.#parts.macs.own('gate.bulk_grant', stored, macValues));
  }

  async ask(input: AskGrantInput, caller: string): Promise<{ grant: string }> {
    const { cases, authority, grants, clock, randomness } = this.#parts;
    return await this.#act(input, caller, async (session) => {
      const staffCase = cases.get(input.caseId, session);
      const decision = authority.decide({
        action: 'askGrant',
        session,
        staffCase,
        purpose: staffCase.purpose,
        asks: input.groups.map((group) => `open:${group}` as const),
      });
      if (!decision.statute.bulk_grant) {
        throw new SekishoError('no-authority', { purpose: staffCase.purpose, what: 'bulk-grant' });
      }
      const now = clock.now();
      checkAsked(input, now);
      authority.requireFresh(session);
      const grant: Grant = {
        grantId: uuidv7(clock, randomness),
        municipality: session.member.municipality,
        purpose: staffCase.purpose,
        groups: [...new Set(input.groups)],
        count: input.count,
        left: input.count,
        endsAt: input.endsAt,
        askedBy: session.member.staffId,
        askedAt: now,
        approvedBy: null,
        approvedAt: null,
        state: 'asked',
      };
      const more = { case: staffCase.caseId, reason: spokenReason(input.reason) };
      await this.#line('grant.asked', session, caller, grant, more, async (tx) =>
        insert(tx, grant, await this.#mac(grant)),
      );
      grants.put(grant);
      return { grant: grant.grantId };
    });
  }

  async approve(input: GrantInput, caller: string): Promise<GrantStatus> {
    const { authority, grants, clock } = this.#parts;
    return await this.#act(input, caller, async (session) => {
      const grant = grants.get(input.grant, session.member.municipality);
      const approver = session.member.staffId;
      grants.checkApproval(grant, approver, clock.now());
      authority.requireAct('approveGrant', session, { ownRequest: grant.askedBy === approver });
      const now = clock.now();
      await this.#line(
        'grant.approved',
        session,
        caller,
        grant,
        { approver, asker: grant.askedBy },
        async (tx) => {
          const { rowCount } = await tx.query(
            `UPDATE gate.bulk_grant SET state = 'active', approved_by = $3, approved_at_ms = $4, row_mac = $5
           WHERE municipality_code = $1 AND grant_id = $2 AND state = 'asked' AND asked_by <> $3`,
            [
              grant.municipality,
              grant.grantId,
              approver,
              now,
              await this.#mac({ ...grant, state: 'active', approvedBy: approver, approvedAt: now }),
            ],
          );
          if (rowCount !== 1) throw new SekishoError('grant-invalid', { reason: 'not-waiting' });
        },
      );
      // Revoked meanwhile it stays revoked.
      if (grant.state === 'asked') grant.state = 'active';
      grant.approvedBy = approver;
      grant.approvedAt = now;
      return statusOf(grant);
    });
  }

  async revoke(input: GrantInput, caller: string): Promise<GrantStatus> {
    const { authority, grants } = this.#parts;
    return await this.#act(input, caller, async (session) => {
      const grant = grants.get(input.grant, session.member.municipality);
      authority.requireAct('revokeGrant', session, { ownRequest: grant.askedBy === session.member.staffId });
      // In memory first: nothing more is opened under it from now on.
      grant.state = 'revoked';
      await this.#line('grant.revoked', session, caller, grant, {}, async (tx) => {
        await tx.query(
          `UPDATE gate.bulk_grant SET state = 'revoked', row_mac = $3
           WHERE municipality_code = $1 AND grant_id = $2`,
          [grant.municipality, grant.grantId, await this.#mac(grant)],
        );
      });
      return statusOf(grant);
    });
  }

  async status(input: GrantInput, caller: string): Promise<GrantStatus> {
    return await this.#act(input, caller, (session) =>
      Promise.resolve(statusOf(this.#parts.grants.get(input.grant, session.member.municipality))),
    );
  }

  #mac(grant: Grant): Promise<Buffer> {
    return this.#parts.macs.of('gate.bulk_grant', macValues(grant));
  }

  async #line(
    kind: LineKind,
    session: Session,
    caller: string,
    grant: Grant,
    more: Record<string, unknown>,
    within: (tx: pg.PoolClient) => Promise<void>,
  ): Promise<void> {
    const body = {
      ...actorOf(session, caller),
      grant: grant.grantId,
      purpose: grant.purpose,
      fields: grant.groups,
      count: grant.count,
      left: grant.left,
      expiresAt: grant.endsAt,
      outcome: 'done',
      ...more,
    };
    await this.#parts.journalOf(grant.municipality).append({ lines: [{ kind, body }], within });
  }

  async #act<T>(
    input: { session: string; terminal?: string | undefined; grant?: string },
    caller: string,
    act: (session: Session) => Promise<T>,
  ): Promise<T> {
    let session: Session | undefined;
    try {
      session = this.#parts.sessions.get(input.session, input.terminal);
      return await act(session);
    } catch (error) {
      const body = input.grant === undefined ? {} : { grant: input.grant };
      throw await this.#parts.refusals.note('grant.refused', error, { session, caller, body });
    }
  }
}

// biome-ignore lint/suspicious/noExplicitAny: a row as pg gives it
function grantOf(row: any): Grant {
  return {
    grantId: row.grant_id,
    municipality: row.municipality_code,
    purpose: row.purpose,
    groups: row.groups,
    count: row.persons_max,
    // Not under the MAC, for each line takes one: but never more than two people signed for.
    left: Math.min(row.persons_left, row.persons_max),
    endsAt: Number(row.ends_at_ms),
    askedBy: row.asked_by,
    askedAt: Number(row.asked_at_ms),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at_ms === null ? null : Number(row.approved_at_ms),
    state: row.state,
  };
}

function macValues(grant: Grant): MacValue[] {
  const { municipality, grantId, purpose, groups, count, endsAt } = grant;
  const { askedBy, askedAt, approvedBy, approvedAt, state } = grant;
  const signed = [askedBy, askedAt, approvedBy, approvedAt, state];
  return [municipality, grantId, purpose, groups, count, endsAt, ...signed];
}

async function insert(tx: pg.PoolClient, grant: Grant, mac: Buffer): Promise<void> {
  await tx.query(
    `INSERT INTO gate.bulk_grant (municipality_code, grant_id, purpose, groups, persons_max, persons_left,
       ends_at_ms, asked_by, asked_at_ms, state, row_mac)
     VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, 'asked', $9)`,
    [
      grant.municipality,
      grant.grantId,
      grant.purpose,
      grant.groups,
      grant.count,
      grant.endsAt,
      grant.askedBy,
      grant.askedAt,
      mac,
    ],
  );
}

/** A grant as the desks see it. */
export const statusOf = (grant: Grant): GrantStatus => ({
  grant: grant.grantId,
  state: grant.state,
  purpose: grant.purpose,
  groups: grant.groups,
  count: grant.count,
  left: grant.left,
  endsAt: grant.endsAt,
  askedBy: grant.askedBy,
  approvedBy: grant.approvedBy,
});

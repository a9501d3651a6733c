import type pg from 'pg';
import { SekishoError } from '../../ground/errors.ts';
import type { MunicipalityCode } from '../../ground/ids.ts';

export type GrantState = 'asked' | 'active' | 'revoked';

/** A bulk grant: beyond the budget, so many persons, these groups, for this purpose, until then, signed by two people. */
export interface Grant {
  grantId: string;
  municipality: MunicipalityCode;
  purpose: string;
  groups: readonly string[];
  /** How many openings it was asked for. */
  count: number;
  /** How many are still to be had. */
  left: number;
  /** ms since 1970 */
  endsAt: number;
  askedBy: string;
  askedAt: number;
  approvedBy: string | null;
  approvedAt: number | null;
  state: GrantState;
}

/** A grant lives at most a week: who needs longer asks again, so that somebody looks again. */
export const longestGrantMs = 7 * 86_400_000;

/** @throws bad-input where count, groups or end are out of bounds */
export function checkAsked(grant: Pick<Grant, 'count' | 'groups' | 'endsAt'>, now: number): void {
  if (!Number.isInteger(grant.count) || grant.count < 1) throw new SekishoError('bad-input', { at: 'count' });
  if (grant.groups.length === 0) throw new SekishoError('bad-input', { at: 'groups' });
  if (grant.endsAt <= now || grant.endsAt > now + longestGrantMs) {
    throw new SekishoError('bad-input', { at: 'endsAt' });
  }
}

const invalid = (reason: string, facts: Record<string, string | number> = {}): SekishoError =>
  new SekishoError('grant-invalid', { reason, ...facts });

/** The gate's grants, in memory; what was taken is stored in the transaction of the line that took it. */
export class Grants {
  readonly #grants = new Map<string, Grant>();

  load(grants: Iterable<Grant>): void {
    for (const grant of grants) this.#grants.set(grant.grantId, grant);
  }

  /** @throws not-found for another municipality's grant too: who may not use it need not know of it */
  get(grantId: string, municipality: MunicipalityCode): Grant {
    const grant = this.#grants.get(grantId);
    if (!grant || grant.municipality !== municipality) throw new SekishoError('not-found', { what: 'grant' });
    return grant;
  }

  /** @throws grant-invalid when it is not waiting, is over, or the approver asked for it himself */
  checkApproval(grant: Grant, approver: string, now: number): void {
    if (grant.state !== 'asked') throw invalid('not-waiting', { state: grant.state });
    if (grant.askedBy === approver) throw invalid('self-approval');
    if (grant.endsAt <= now) throw invalid('expired');
  }

  /**
   * Takes `count` openings; the returned function gives them back when the line could not be written.
   * @throws grant-invalid with the reason: unknown, not-active, expired, exhausted, purpose or group
   */
  take(
    use: { grantId: string; municipality: MunicipalityCode; purpose: string; groups: readonly string[] },
    now: number,
    count = 1,
  ): () => void {
    const grant = this.#grants.get(use.grantId);
    if (!grant || grant.municipality !== use.municipality) throw invalid('unknown');
    if (grant.state !== 'active') throw invalid('not-active', { state: grant.state });
    if (grant.endsAt <= now) throw invalid('expired');
    if (grant.purpose !== use.purpose) throw invalid('purpose');
    const group = use.groups.find((name) => !grant.groups.includes(name));
    if (group !== undefined) throw invalid('group', { group });
    if (grant.left < count) throw invalid('exhausted', { left: grant.left });
    grant.left -= count;
    let held = true;
    return () => {
      if (held) grant.left += count;
      held = false;
    };
  }

  /** All that this gate knows of in a municipality, the newest first. */
  of(municipality: MunicipalityCode): Grant[] {
    return [...this.#grants.values()]
      .filter((grant) => grant.municipality === municipality)
      .sort((a, b) => b.askedAt - a.askedAt || (a.grantId < b.grantId ? 1 : -1));
  }

  put(grant: Grant): void {
    this.#grants.set(grant.grantId, grant);
  }
}

/**
 * Takes one opening from the stored grant, in the transaction of the line.
 * @throws grant-invalid where the database knows of none, whatever memory thought
 */
export async function takeStored(
  tx: pg.PoolClient,
  municipality: MunicipalityCode,
  grantId: string,
): Promise<void> {
  const { rowCount } = await tx.query({
    name: 'gate-take-grant',
    text: `UPDATE gate.bulk_grant SET persons_left = persons_left - 1
      WHERE municipality_code = $1 AND grant_id = $2 AND state = 'active' AND persons_left > 0`,
    values: [municipality, grantId],
  });
  if (rowCount !== 1) throw invalid('exhausted');
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { preparsePolicySet, statefulIsAuthorized, validate } from '@cedar-policy/cedar-wasm/nodejs';
import { SekishoError } from '../../ground/errors.ts';

export type PolicyAction =
  | 'open'
  | 'search'
  | 'write'
  | 'history'
  | 'openCase'
  | 'askGrant'
  | 'approveGrant'
  | 'revokeGrant'
  | 'administer'
  | 'oversee'
  | 'confirmEnrolment'
  | StandingAct;

/** Acts that rest on no statute row and on nothing but the role. */
export type StandingAct =
  | 'seeWork'
  | 'seeGrants'
  | 'seePeople'
  | 'readJournal'
  | 'handleContest'
  | 'exerciseRights';

/** All a decision depends on; nothing outside this shape may sway it, so it is also the key of the cache. */
export interface PolicyQuestion {
  action: PolicyAction;
  role: string;
  suspended: boolean;
  /** Number of authentication factors shown at sign-in. */
  factors: number;
  /** Roles that the statute row names; none for acts that rest on no row. */
  basisRoles: readonly string[];
  circumstances: Readonly<Record<Circumstance, boolean>>;
}

export const circumstanceNames = [
  'terminalKnown',
  'terminalSuspended',
  'sameMunicipality',
  'caseNeeded',
  'caseOpen',
  'caseOwned',
  'caseSameOffice',
  'ownPerson',
  'ownRequest',
  'freshSecondFactor',
] as const;
export type Circumstance = (typeof circumstanceNames)[number];

export interface PolicySources {
  schema: string;
  /** Policy id → Cedar text. */
  policies: Readonly<Record<string, string>>;
}

/** Reads the policies of a folder: one `.cedar` file each and one schema. */
export function readPolicies(folder: string = join(import.meta.dirname, 'policies')): PolicySources {
  const policies: Record<string, string> = {};
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith('.cedar'))
      policies[name.slice(0, -'.cedar'.length)] = readFileSync(join(folder, name), 'utf8');
  }
  return { schema: readFileSync(join(folder, 'schema.cedarschema'), 'utf8'), policies };
}

let sets = 0;

/**
 * Cedar's word on staff, terminal and case. A yes is `success`, `allow` and no error at all: Cedar skips a policy that
 * errors, so a broken `forbid` would otherwise forbid nothing.
 */
export class Policy {
  /** Counts suspensions and changes of policy; whatever was decided under an earlier epoch is not used again. */
  epoch = 0;
  #set = '';
  readonly #decisions = new Map<string, boolean>();

  /** @throws config-invalid when the policies do not validate against the schema */
  constructor(sources: PolicySources, options: { validated?: boolean } = {}) {
    this.load(sources, options);
  }

  /**
   * Puts a new set of policies in force, from the next question on.
   * @param options.validated false only in tests of what an erroring policy does
   */
  load(sources: PolicySources, options: { validated?: boolean } = {}): void {
    const staticPolicies = { ...sources.policies };
    if (options.validated !== false) {
      const answer = validate({ schema: sources.schema, policies: { staticPolicies } });
      const fault = answer.type === 'failure' ? 'schema' : answer.validationErrors[0]?.policyId;
      if (fault !== undefined) throw new SekishoError('config-invalid', { policy: fault });
    }
    const set = `gate-${++sets}`;
    if (preparsePolicySet(set, { staticPolicies }).type !== 'success') {
      throw new SekishoError('config-invalid', { policy: 'parse' });
    }
    this.#set = set;
    this.forget();
  }

  /** Forgets every decision: called on each suspension, reinstatement and change of staff, terminal or policy. */
  forget(): void {
    this.epoch++;
    this.#decisions.clear();
  }

  /** True only for an undisturbed yes. */
  allows(question: PolicyQuestion): boolean {
    const key = keyOf(question);
    let decision = this.#decisions.get(key);
    if (decision === undefined) {
      decision = this.#decide(question);
      this.#decisions.set(key, decision);
    }
    return decision;
  }

  /** @throws policy-denied, or suspended where the suspension alone explains the no */
  require(question: PolicyQuestion): void {
    if (this.allows(question)) return;
    if (question.suspended) throw new SekishoError('suspended');
    throw new SekishoError('policy-denied', { action: question.action, role: question.role });
  }

  #decide(question: PolicyQuestion): boolean {
    try {
      const principal = { type: 'Staff', id: 'asking' };
      const resource = { type: 'Basis', id: 'row' };
      const { role, suspended, factors } = question;
      const answer = statefulIsAuthorized({
        principal,
        action: { type: 'Action', id: question.action },
        resource,
        context: { ...question.circumstances },
        preparsedPolicySetId: this.#set,
        entities: [
          { uid: principal, attrs: { role, suspended, factors }, parents: [] },
          { uid: resource, attrs: { roles: [...question.basisRoles] }, parents: [] },
          ...recordActions,
        ],
      });
      return (
        answer.type === 'success' &&
        answer.response.decision === 'allow' &&
        answer.response.diagnostics.errors.length === 0
      );
    } catch {
      // An engine that breaks down has not said yes.
      return false;
    }
  }
}

// The action groups of the schema; without a schema in the call Cedar must be told them as entities.
const recordActions = ['open', 'search', 'write', 'history', 'openCase', 'askGrant'].map((id) => ({
  uid: { type: 'Action', id },
  attrs: {},
  parents: [{ type: 'Action', id: 'useRecords' }],
}));

function keyOf(question: PolicyQuestion): string {
  const flags = circumstanceNames.map((name) => (question.circumstances[name] ? '1' : '0')).join('');
  return `${question.action}|${question.role}|${question.suspended}|${question.factors}|${question.basisRoles.join(',')}|${flags}`;
}

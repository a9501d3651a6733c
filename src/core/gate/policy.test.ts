import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  circumstanceNames,
  Policy,
  type PolicyAction,
  type PolicyQuestion,
  type PolicySources,
  readPolicies,
} from './policy.ts';

const sources = readPolicies();
const calm = {
  terminalKnown: true,
  terminalSuspended: false,
  sameMunicipality: true,
  caseNeeded: true,
  caseOpen: true,
  caseOwned: true,
  caseSameOffice: true,
  ownPerson: false,
  ownRequest: false,
  freshSecondFactor: false,
};
const question: PolicyQuestion = {
  action: 'open',
  role: 'clerk',
  suspended: false,
  factors: 2,
  basisRoles: ['clerk', 'supervisor'],
  circumstances: calm,
};
const ask = (change: Partial<PolicyQuestion>, circumstances: Partial<typeof calm> = {}): boolean =>
  new Policy(sources).allows({ ...question, ...change, circumstances: { ...calm, ...circumstances } });

const withPolicy = (name: string, text: string): PolicySources => ({
  ...sources,
  policies: { ...sources.policies, [name]: text },
});

describe('the policies', () => {
  it('let a clerk open within his case where the statute names his role', () => {
    expect(ask({})).toBe(true);
  });
  it('let a colleague of the same office work on the case', () => {
    expect(ask({}, { caseOwned: false })).toBe(true);
  });
  it('refuse a role that the statute row does not name', () => {
    expect(ask({ role: 'officer' })).toBe(false);
  });
  it('refuse a suspended member', () => {
    expect(ask({ suspended: true })).toBe(false);
  });
  it('refuse a single factor', () => {
    expect(ask({ factors: 1 })).toBe(false);
  });
  it('refuse an unknown terminal', () => {
    expect(ask({}, { terminalKnown: false })).toBe(false);
  });
  it('refuse a suspended terminal', () => {
    expect(ask({}, { terminalSuspended: true })).toBe(false);
  });
  it('refuse a terminal of another municipality', () => {
    expect(ask({}, { sameMunicipality: false })).toBe(false);
  });
  it('refuse a closed case', () => {
    expect(ask({}, { caseOpen: false })).toBe(false);
  });
  it("refuse another office's case", () => {
    expect(ask({}, { caseOwned: false, caseSameOffice: false })).toBe(false);
  });
  it('refuse a resident who is not the person', () => {
    expect(ask({ role: 'resident', basisRoles: ['resident'] }, { caseNeeded: false })).toBe(false);
  });
  it('let a resident at his own record', () => {
    expect(ask({ role: 'resident', basisRoles: ['resident'] }, { caseNeeded: false, ownPerson: true })).toBe(
      true,
    );
  });
  it('let only a supervisor approve a grant, with both factors fresh, and never his own', () => {
    const approve = { action: 'approveGrant', role: 'supervisor', basisRoles: [] } as const;
    expect(ask(approve, { freshSecondFactor: true })).toBe(true);
    expect(ask(approve)).toBe(false);
    expect(ask(approve, { freshSecondFactor: true, ownRequest: true })).toBe(false);
    expect(ask({ ...approve, role: 'clerk' }, { freshSecondFactor: true })).toBe(false);
  });
  it('let approving roles confirm an enrolment, with both factors fresh, and never one’s own', () => {
    for (const role of ['supervisor', 'officer', 'administrator', 'clerk', 'registrar', 'resident']) {
      const asked = { action: 'confirmEnrolment', role, basisRoles: [] } as const;
      const may = ['supervisor', 'officer', 'administrator'].includes(role);
      expect(ask(asked, { freshSecondFactor: true }), role).toBe(may);
      expect(ask(asked), role).toBe(false);
      expect(ask(asked, { freshSecondFactor: true, ownRequest: true }), role).toBe(false);
    }
  });
  it('keep administrators from records and clerks from administration', () => {
    expect(ask({ role: 'administrator' })).toBe(false);
    expect(ask({ action: 'administer', role: 'administrator', basisRoles: [] })).toBe(true);
    expect(ask({ action: 'administer', role: 'clerk', basisRoles: [] })).toBe(false);
  });
  it('let the security officer suspend, but open nothing', () => {
    expect(ask({ action: 'oversee', role: 'officer', basisRoles: [] })).toBe(true);
    expect(ask({ action: 'oversee', role: 'clerk', basisRoles: [] })).toBe(false);
  });

  it('never say yes to a suspended member, one factor, or an unfit terminal, whatever else holds', () => {
    const policy = new Policy(sources);
    const actions: PolicyAction[] = [
      'open',
      'search',
      'write',
      'history',
      'openCase',
      'askGrant',
      'approveGrant',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(
          ...actions,
          'revokeGrant' as const,
          'administer' as const,
          'oversee' as const,
          'confirmEnrolment' as const,
        ),
        fc.constantFrom('clerk', 'supervisor', 'officer', 'administrator', 'registrar', 'resident', ''),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        fc.record(Object.fromEntries(circumstanceNames.map((name) => [name, fc.boolean()]))),
        (action, role, suspended, factors, drawn) => {
          const circumstances = drawn as Record<(typeof circumstanceNames)[number], boolean>;
          const basisRoles = ['clerk', 'supervisor', 'resident'];
          const yes = policy.allows({ action, role, suspended, factors, basisRoles, circumstances });
          const fit = circumstances.terminalKnown && !circumstances.terminalSuspended;
          if (suspended || factors < 2 || !fit || !circumstances.sameMunicipality) expect(yes).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('an erroring policy', () => {
  const broken = 'forbid (principal, action, resource) when { principal.nothingOfTheKind > 1 };';

  it('does not load: it fails against the schema at the start', () => {
    expect(() => new Policy(withPolicy('forbid-broken', broken))).toThrow(/config-invalid.*forbid-broken/);
  });
  it('that got past the schema still makes every answer a no, though Cedar skips a forbid that errors', () => {
    const policy = new Policy(withPolicy('forbid-broken', broken), { validated: false });
    expect(policy.allows(question)).toBe(false);
  });
  it('that does not parse is refused', () => {
    expect(() => new Policy(withPolicy('x', 'permit (principal'), { validated: false })).toThrow(
      /config-invalid/,
    );
  });
  it('leaves the policies in force as they were', () => {
    const policy = new Policy(sources);
    expect(() => policy.load(withPolicy('forbid-broken', broken))).toThrow(/config-invalid/);
    expect(policy.allows(question)).toBe(true);
  });
});

describe('a change of policy', () => {
  it('takes effect on the very next question, for nothing decided before is used', () => {
    const policy = new Policy(sources);
    expect(policy.allows(question)).toBe(true);
    policy.load(withPolicy('forbid-all', 'forbid (principal, action, resource);'));
    expect(policy.allows(question)).toBe(false);
    policy.load(sources);
    expect(policy.allows(question)).toBe(true);
  });
  it('counts an epoch', () => {
    const policy = new Policy(sources);
    const before = policy.epoch;
    policy.forget();
    expect(policy.epoch).toBe(before + 1);
  });
  it('with no policy at all is a no', () => {
    expect(new Policy({ ...sources, policies: {} }).allows(question)).toBe(false);
  });
  it('says suspended where that is the reason, else policy-denied without a name', () => {
    const policy = new Policy(sources);
    expect(() => policy.require({ ...question, suspended: true })).toThrow(/^suspended/);
    expect(() => policy.require({ ...question, role: 'officer' })).toThrow(
      expect.objectContaining({ kind: 'policy-denied', facts: { action: 'open', role: 'officer' } }),
    );
  });
});

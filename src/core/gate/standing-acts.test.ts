import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { circumstanceNames, Policy, type PolicyQuestion, readPolicies, type StandingAct } from './policy.ts';
import { roles } from './staff.ts';

/** Who may do what by role alone: written down here once more, by hand. */
const table: Record<StandingAct, readonly string[]> = {
  seeWork: ['clerk', 'supervisor', 'registrar', 'officer'],
  seeGrants: ['clerk', 'supervisor', 'officer'],
  seePeople: ['officer', 'administrator'],
  readJournal: ['officer'],
  handleContest: ['supervisor', 'officer'],
  exerciseRights: ['resident'],
};
const acts = Object.keys(table) as StandingAct[];
const policy = new Policy(readPolicies());
const calm = Object.fromEntries(
  circumstanceNames.map((name) => [name, name === 'terminalKnown' || name === 'sameMunicipality']),
) as PolicyQuestion['circumstances'];
const ask = (action: StandingAct, role: string, change: Partial<typeof calm> = {}) => {
  const circumstances = { ...calm, ownPerson: role === 'resident', ...change };
  return policy.allows({ action, role, suspended: false, factors: 2, basisRoles: [], circumstances });
};

describe('acts that rest on a role alone', () => {
  it.each(acts)('%s: its roles and no other', (act) => {
    for (const role of [...roles, '', 'root', 'Officer'])
      expect([act, role, ask(act, role)]).toEqual([act, role, table[act].includes(role)]);
  });

  it('nobody handles a contest of his own act', () => {
    for (const role of roles) expect(ask('handleContest', role, { ownRequest: true })).toBe(false);
  });

  it('nobody exercises a resident’s rights but he', () => {
    for (const role of roles) expect(ask('exerciseRights', role, { ownPerson: false })).toBe(false);
  });

  it('no case, grant, statute or fresh factor adds to them, and none stands a suspension or a strange terminal', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...acts),
        fc.constantFrom(...roles),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        fc.subarray([...roles]),
        fc.record(Object.fromEntries(circumstanceNames.map((name) => [name, fc.boolean()]))),
        (action, role, suspended, factors, basisRoles, drawn) => {
          const circumstances = drawn as PolicyQuestion['circumstances'];
          const yes = policy.allows({ action, role, suspended, factors, basisRoles, circumstances });
          if (!yes) return;
          expect(table[action]).toContain(role);
          expect([suspended, factors >= 2]).toEqual([false, true]);
          expect(circumstances.terminalKnown && !circumstances.terminalSuspended).toBe(true);
          expect(circumstances.sameMunicipality).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('a policy that errors takes the yes away', () => {
    const sources = readPolicies();
    const broken = 'forbid (principal, action, resource) when { principal.nothing == 1 };';
    const erring = new Policy(
      { ...sources, policies: { ...sources.policies, broken } },
      { validated: false },
    );
    for (const action of acts) {
      const role = table[action][0]!;
      const circumstances = { ...calm, ownPerson: role === 'resident' };
      const question = { action, role, suspended: false, factors: 2, basisRoles: [], circumstances };
      expect(policy.allows(question)).toBe(true);
      expect(erring.allows(question)).toBe(false);
    }
  });
});

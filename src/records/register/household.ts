import { SekishoError } from '../../ground/errors.ts';
import type { PersonId } from '../../ground/ids.ts';
import type { WriteOp } from './gate-port.ts';
import { householdChange, type RecordNotice } from './life-event.ts';

/** The word for the head of a household in 続柄; every household has exactly one (住基法 art. 7 item 4). */
export const headOfHousehold = '世帯主';

/** One member with his relation to the head of the household he is in afterwards. */
export interface Member {
  notice: RecordNotice;
  relation: string;
}

/** 世帯分離: `leaving` form a household of their own, `staying` keep the old one (住基法 art. 25). All of both are named. */
export function splitHousehold(split: {
  leaving: readonly Member[];
  staying: readonly Member[];
  oldHouseholdNumber: string;
  newHouseholdNumber: string;
}): WriteOp[] {
  if (split.newHouseholdNumber === split.oldHouseholdNumber) refuse('same-household');
  if (split.leaving.length === 0 || split.staying.length === 0) refuse('nobody');
  distinct([...split.leaving, ...split.staying]);
  return [
    ...place(split.leaving, split.newHouseholdNumber),
    ...place(split.staying, split.oldHouseholdNumber),
  ];
}

/** 世帯合併: all members live in `householdNumber` afterwards, under one head. */
export function mergeHouseholds(merge: { members: readonly Member[]; householdNumber: string }): WriteOp[] {
  if (merge.members.length < 2) refuse('nobody');
  distinct(merge.members);
  return place(merge.members, merge.householdNumber);
}

/** 世帯主変更 and changed relations within one household, e.g. after the head has died or moved out. */
export function changeHead(change: { members: readonly Member[]; householdNumber: string }): WriteOp[] {
  distinct(change.members);
  return place(change.members, change.householdNumber);
}

function place(members: readonly Member[], householdNumber: string): WriteOp[] {
  if (!/^\d{1,15}$/.test(householdNumber)) refuse('household-number');
  const heads = members.filter(({ relation }) => relation === headOfHousehold).length;
  if (heads !== 1) refuse(heads === 0 ? 'no-head' : 'two-heads');
  return members.map(({ notice, relation }) => {
    if (relation === '') refuse('relation');
    return householdChange(notice, { householdNumber, relation });
  });
}

function distinct(members: readonly Member[]): void {
  const persons = new Set<PersonId>(members.map(({ notice }) => notice.person));
  if (persons.size !== members.length) refuse('person-twice');
  const places = new Set(members.map(({ notice }) => notice.municipality));
  if (places.size > 1) refuse('two-municipalities');
}

function refuse(reason: string): never {
  throw new SekishoError('bad-input', { what: 'household-change', reason });
}

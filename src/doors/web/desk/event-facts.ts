import { type ResidentEvent, residentEvents, ruleOf } from '../../../records/register/index.ts';
import type { LifeEvent, Newcomer, NumberChangeCause } from '../../api/client.gen.ts';

/** What a form may ask for. */
export type Fact =
  | 'name'
  | 'reading'
  | 'formerName'
  | 'alias'
  | 'birthDate'
  | 'sex'
  | 'postcode'
  | 'address'
  | 'addressNumber'
  | 'householdNumber'
  | 'relation'
  | 'residentCode'
  | 'reason';

export type Facts = Readonly<Partial<Record<Fact, string>>>;

const newcomer: readonly Fact[] = [
  'name',
  'reading',
  'formerName',
  'alias',
  'birthDate',
  'sex',
  'postcode',
  'address',
  'addressNumber',
  'householdNumber',
  'relation',
  'residentCode',
];
const optional: readonly Fact[] = ['formerName', 'alias', 'postcode'];

const factsByEvent: Readonly<Record<LifeEvent['event'], readonly Fact[]>> = {
  'move-in': newcomer,
  birth: newcomer,
  'move-out': [],
  death: [],
  'move-within': ['postcode', 'address'],
  'name-change': ['name', 'reading', 'formerName', 'alias'],
  'household-change': ['householdNumber', 'relation'],
  correction: ['reason'],
  removal: ['reason'],
  'number-change': [],
};

/** The groups a correction may replace, each as a whole, with the facts that make it up. */
export const correctable = {
  name: ['name', 'reading', 'formerName', 'alias'],
  birth: ['birthDate', 'sex'],
  address: ['postcode', 'address'],
  household: ['householdNumber', 'relation', 'addressNumber'],
} as const satisfies Record<string, readonly Fact[]>;
export type Correctable = keyof typeof correctable;

/** The group and field in the register where a fact goes. */
const places: Readonly<Record<Exclude<Fact, 'reason'>, readonly [group: string, field: string]>> = {
  name: ['name', 'name'],
  reading: ['name', 'reading'],
  formerName: ['name', 'former_name'],
  alias: ['name', 'alias'],
  birthDate: ['birth', 'date'],
  sex: ['birth', 'sex'],
  postcode: ['address', 'postcode'],
  address: ['address', 'address'],
  addressNumber: ['household', 'address_number'],
  householdNumber: ['household', 'household_number'],
  relation: ['household', 'relation'],
  residentCode: ['resident_code', 'code'],
};

export const isLifeEvent = (event: string): event is LifeEvent['event'] => Object.hasOwn(factsByEvent, event);

export const isNewcomerEvent = (event: LifeEvent['event']): event is 'move-in' | 'birth' =>
  event === 'move-in' || event === 'birth';

/** The events that a case of this purpose enters. */
export function eventsOf(purpose: string): LifeEvent['event'][] {
  return residentEvents
    .filter((event: ResidentEvent) => ruleOf(event).purpose === purpose)
    .filter((event): event is ResidentEvent & LifeEvent['event'] => isLifeEvent(event));
}

/** What a draft of an event holds beside its facts. */
export interface Draft {
  event: LifeEvent['event'];
  facts: Facts;
  /** ISO */
  eventDate: string;
  withHousehold: boolean;
  corrects: Correctable;
  cause: Readonly<NumberChangeCause>;
}

/** The facts asked for, in the order of the form. */
export function factsAsked(draft: Pick<Draft, 'event' | 'withHousehold' | 'corrects'>): readonly Fact[] {
  const facts = factsByEvent[draft.event];
  if (draft.event === 'correction') return [...correctable[draft.corrects], ...facts];
  if (draft.event === 'move-within' && draft.withHousehold) return [...facts, 'householdNumber', 'relation'];
  return facts;
}

export const isOptional = (fact: Fact): boolean => optional.includes(fact);

/** The facts that are missing. */
export function missingFacts(draft: Draft): Fact[] {
  return factsAsked(draft).filter((fact) => !isOptional(fact) && (draft.facts[fact] ?? '').trim() === '');
}

/** One line of the preview: where it stands, and what it will say. */
export interface After {
  group: string;
  field: string;
  value: string;
}

/** What the register will say of the facts entered. */
export function afterOf(draft: Draft): After[] {
  return factsAsked(draft)
    .filter((fact) => fact !== 'reason')
    .map((fact) => ({
      group: places[fact][0],
      field: places[fact][1],
      value: (draft.facts[fact] ?? '').trim(),
    }));
}

/** Groups that a draft changes, for comparing. */
export const groupsChanged = (draft: Draft): string[] => [
  ...new Set(afterOf(draft).map(({ group }) => group)),
];

/** The event as the office takes it. `requestId` is drawn once per draft: sent twice, it is done once. */
export function bodyOf(
  draft: Draft,
  o: { requestId: string; caseId: string; person: string | null },
): LifeEvent {
  const { requestId, caseId } = o;
  const { event, eventDate } = draft;
  const fact = (name: Fact) => (draft.facts[name] ?? '').trim();
  const notice = { requestId, caseId, eventDate };
  if (isNewcomerEvent(event)) return { ...notice, event, newcomer: newcomerOf(fact) };
  const about = { ...notice, person: o.person ?? '' };
  const household = { householdNumber: fact('householdNumber'), relation: fact('relation') };
  switch (event) {
    case 'move-out':
    case 'death':
      return { ...about, event };
    case 'move-within':
      return {
        ...about,
        event,
        to: { postcode: fact('postcode'), address: fact('address') },
        ...(draft.withHousehold ? { household } : {}),
      };
    case 'name-change':
      return {
        ...about,
        event,
        name: {
          name: fact('name'),
          reading: fact('reading'),
          formerName: fact('formerName'),
          alias: fact('alias'),
        },
      };
    case 'household-change':
      return { ...about, event, household };
    case 'correction':
      return { ...about, event, fields: groupsOf(draft), reason: fact('reason') };
    case 'removal':
      return { ...about, event, reason: fact('reason') };
    case 'number-change':
      return { ...about, event, cause: { ...draft.cause } };
  }
}

function newcomerOf(fact: (name: Fact) => string): Newcomer {
  const sex = fact('sex');
  return {
    addressNumber: fact('addressNumber'),
    householdNumber: fact('householdNumber'),
    relation: fact('relation'),
    name: fact('name'),
    reading: fact('reading'),
    formerName: fact('formerName'),
    alias: fact('alias'),
    birthDate: fact('birthDate'),
    sex: sex === 'male' || sex === 'female' ? sex : 'unknown',
    postcode: fact('postcode'),
    address: fact('address'),
    residentCode: fact('residentCode'),
  };
}

function groupsOf(draft: Draft): Record<string, Record<string, string>> {
  const groups: Record<string, Record<string, string>> = {};
  for (const { group, field, value } of afterOf(draft)) {
    groups[group] = { ...groups[group], [field]: value };
  }
  return groups;
}

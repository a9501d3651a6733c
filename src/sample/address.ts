import { type Dice, WeightedChoice } from './dice.ts';
import type { PostcodeArea, SampleMunicipality } from './municipality.ts';

const fullWidth = (n: number) =>
  String(n).replace(/[0-9]/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0));

const buildings = [
  'ハイツ',
  'コーポ',
  'メゾン',
  'グリーンハイツ',
  'サンライズ',
  'パークサイド',
  '第２コーポ',
  '県営住宅',
];

interface Quarter extends PostcodeArea {
  /** 住居表示: numbered by block (丁目・番・号); otherwise by lot (番地). */
  readonly blocks: boolean;
}

export interface DrawnAddress {
  readonly postcode: string;
  readonly address: string;
}

/**
 * Addresses of one municipality: real postcode and town, number and building by chance. Towns are weighted 1/(rank + 6)
 * in a fixed shuffle; 4 in 10 are numbered by block. No such house need exist.
 */
export class AddressBook {
  readonly #quarters: WeightedChoice<Quarter>;
  readonly #prefecture: string;

  constructor(municipality: SampleMunicipality, dice: Dice) {
    const shuffled = municipality.areas.map((area) => ({ ...area, blocks: dice.chance(0.4) }));
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = dice.between(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!];
    }
    this.#quarters = new WeightedChoice(shuffled, (_, rank) => 1 / (rank + 1 + 6));
    this.#prefecture = municipality.prefecture;
  }

  /** @param alone people who live alone live in flats more often */
  draw(dice: Dice, alone: boolean): DrawnAddress {
    const { postcode, city, town, blocks } = this.#quarters.draw(dice);
    const number = blocks
      ? `${fullWidth(dice.between(1, 5))}丁目${fullWidth(dice.between(1, 28))}番${fullWidth(dice.between(1, 24))}号`
      : `${fullWidth(dice.between(1, 4800))}番地${dice.chance(0.6) ? fullWidth(dice.between(1, 19)) : ''}`;
    const flat = dice.chance(alone ? 0.55 : 0.2)
      ? `　${dice.pick(buildings)}${town}${fullWidth(dice.between(1, 4))}０${fullWidth(dice.between(1, 8))}`
      : '';
    return {
      postcode: `${postcode.slice(0, 3)}-${postcode.slice(3)}`,
      address: `${this.#prefecture}${city}${town}${number}${flat}`,
    };
  }
}

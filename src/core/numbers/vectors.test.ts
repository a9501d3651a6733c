import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import {
  BasicPensionNumber,
  CorporateNumber,
  IndividualNumber,
  InsurerNumber,
  parseLocalGovernmentCode,
  ResidentRecordCode,
  tryParseLocalGovernmentCode,
} from './index.ts';

interface VectorFile {
  readonly what: string;
  readonly cases: readonly { text: string; expect: string; source: string; place?: number; note?: string }[];
}

const parsers: Record<string, { parse: (t: string) => Masked | string; tryParse: (t: string) => unknown }> = {
  'individual-number': IndividualNumber,
  'resident-record-code': ResidentRecordCode,
  'corporate-number': CorporateNumber,
  'basic-pension-number': BasicPensionNumber,
  'insurer-number': InsurerNumber,
  'local-government-code': { parse: parseLocalGovernmentCode, tryParse: tryParseLocalGovernmentCode },
};

const toAscii = (text: string) =>
  text.replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/[^0-9]/g, '');

describe.each(Object.keys(parsers))('published and computed vectors of %s', (what) => {
  const file = JSON.parse(
    readFileSync(new URL(`./vectors/${what}.json`, import.meta.url), 'utf8'),
  ) as VectorFile;
  const { parse, tryParse } = parsers[what]!;

  it('names itself and holds good and bad cases', () => {
    expect(file.what).toBe(what);
    expect(file.cases.some((c) => c.expect === 'valid')).toBe(true);
    expect(file.cases.some((c) => c.expect !== 'valid')).toBe(true);
    expect(file.cases.every((c) => c.source !== '')).toBe(true);
  });

  it.each(file.cases)('$text is $expect ($source)', ({ text, expect: verdict, place }) => {
    if (verdict === 'valid') {
      const value = parse(text);
      expect(value instanceof Masked ? value.reveal() : value).toBe(toAscii(text));
      expect(tryParse(text)).toBeDefined();
      return;
    }
    let refusal: unknown;
    try {
      parse(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(SekishoError);
    expect((refusal as SekishoError).kind).toBe('bad-input');
    expect((refusal as SekishoError).facts).toEqual({ what, reason: verdict, place });
    expect(tryParse(text)).toBeUndefined();
  });
});

describe('a number never shows itself', () => {
  const samples: Masked[] = [
    IndividualNumber.parse('123456789018'),
    ResidentRecordCode.parse('24727059608'),
    CorporateNumber.parse('7123456789012'),
    BasicPensionNumber.parse('9600-123456'),
    InsurerNumber.parse('33120015'),
  ];

  it.each(samples.map((s) => [s.kind, s] as const))('%s prints as its kind', (kind, number) => {
    const shown = [
      `${number}`,
      String(number),
      JSON.stringify({ number }),
      inspect({ number }, { depth: 9, showHidden: true }),
    ];
    for (const text of shown) {
      expect(text).toContain(kind);
      expect(text).not.toMatch(/\d{2}/);
    }
  });

  it('refusals carry no digit of the text, only its place', () => {
    for (const text of ['1234 5678 9019', '9876543210A5', '98765432101']) {
      try {
        IndividualNumber.parse(text);
        expect.unreachable();
      } catch (error) {
        const told = `${(error as Error).message} ${JSON.stringify((error as SekishoError).facts)}`;
        expect(told).not.toMatch(/\d{3}/);
        expect(told).not.toContain('A');
      }
    }
  });

  it('passes on what is no refusal', () => {
    const broken = undefined as unknown as string;
    expect(() => IndividualNumber.tryParse(broken)).toThrow(TypeError);
    expect(() => tryParseLocalGovernmentCode(broken)).toThrow(TypeError);
  });
});

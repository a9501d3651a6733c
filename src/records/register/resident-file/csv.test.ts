import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, CsvScanner, csvFaults, csvLimits, readCsv } from './csv.ts';
import type { Encoding } from './encoding.ts';
import { csvLine } from './sample-rows.fixture.ts';

async function* chunks(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(bytes: Uint8Array, size = 65_536, encoding?: Encoding): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const batch of readCsv(chunks(bytes, size), encoding ? { encoding } : {}))
    records.push(...batch);
  return records;
}

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const scan = (text: string, limits = csvLimits) => {
  const scanner = new CsvScanner(limits);
  return [...scanner.push(text), ...scanner.end()];
};

describe('RFC 4180', () => {
  it('reads CRLF and LF, with and without a last line break', () => {
    const expected = [
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['c', 'd'] },
    ];
    for (const text of ['a,b\r\nc,d\r\n', 'a,b\nc,d\n', 'a,b\r\nc,d', 'a,b\nc,d'])
      expect(scan(text)).toEqual(expected);
  });

  it('reads quoted commas, doubled quotes and quoted line breaks', () => {
    expect(scan('"a,b","say ""no""","x\r\ny"\r\nz,,\r\n')).toEqual([
      { line: 1, cells: ['a,b', 'say "no"', 'x\r\ny'] },
      { line: 3, cells: ['z', '', ''] },
    ]);
  });

  it('keeps empty cells and passes over empty lines, counting them', () => {
    expect(scan(',\n\n\r\n"",a\n')).toEqual([
      { line: 1, cells: ['', ''] },
      { line: 4, cells: ['', 'a'] },
    ]);
  });

  it('gives the line on which a record begins, after records of several lines', () => {
    const records = scan('a\n"b\nb\nb"\nc\n"d\nd"\ne\n');
    expect(records.map(({ line }) => line)).toEqual([1, 2, 5, 6, 8]);
  });
});

describe('broken shape', () => {
  it('quote within a bare cell', () => {
    expect(scan('a"b,c\nd,e\n')).toEqual([
      { line: 1, cells: [], fault: 'quote' },
      { line: 2, cells: ['d', 'e'] },
    ]);
  });

  it('text after a closing quote', () => {
    expect(scan('"a"b,c\nd,e\n')[0]).toEqual({ line: 1, cells: [], fault: 'quote' });
  });

  it('unterminated quote at the end of the file: the lines after its first are read', () => {
    expect(scan('"a,b\nc,d\ne,f')).toEqual([
      { line: 1, cells: [], fault: 'unterminated-quote' },
      { line: 2, cells: ['c', 'd'] },
      { line: 3, cells: ['e', 'f'] },
    ]);
  });

  it('unterminated quote in a long file swallows no more than its own line', () => {
    const rest = Array.from({ length: 500 }, (_, at) => `row,${at}`);
    const records = scan(['"lost', ...rest].join('\n'));
    expect(records).toHaveLength(501);
    expect(records.filter(({ fault }) => fault)).toEqual([
      { line: 1, cells: [], fault: 'unterminated-quote' },
    ]);
  });

  it('line too long: dropped while it is read, and reading goes on', () => {
    const limits = { recordCharacters: 50, spannedLines: 3 };
    const scanner = new CsvScanner(limits);
    const records = [];
    for (let piece = 0; piece < 100; piece++) records.push(...scanner.push('x'.repeat(40)));
    records.push(...scanner.push('\na,b\n'), ...scanner.end());
    expect(records).toEqual([
      { line: 1, cells: [], fault: 'line-too-long' },
      { line: 2, cells: ['a', 'b'] },
    ]);
  });

  it('line too long within an open quote: both are told, nothing between is lost', () => {
    const limits = { recordCharacters: 20, spannedLines: 9 };
    expect(scan(`"a\nb,c\n${'x'.repeat(60)}\nd,e\n`, limits)).toEqual([
      { line: 1, cells: [], fault: 'unterminated-quote' },
      { line: 2, cells: ['b', 'c'] },
      { line: 3, cells: [], fault: 'line-too-long' },
      { line: 4, cells: ['d', 'e'] },
    ]);
  });

  it('NUL', () => {
    expect(scan('a\0,b\nc,d\n')).toEqual([
      { line: 1, cells: [], fault: 'nul' },
      { line: 2, cells: ['c', 'd'] },
    ]);
  });
});

describe('encodings', () => {
  const variants = '髙﨑,神社,鄧小,①,ﾊﾝｶｸ,～－';

  it('CP932 with IBM and NEC signs, byte by byte', async () => {
    const bytes = iconv.encode(`氏名,住所\r\n${variants}\r\n`, 'cp932');
    for (const size of [1, 2, 3, 65_536]) {
      expect((await all(bytes, size))[1]?.cells.join(',')).toBe(variants);
    }
  });

  it('UTF-8 with and without byte order mark, with ideographic variation sequences', async () => {
    const ivs = '葛\u{E0100}飾,𠮷,邉\u{E0101}';
    for (const mark of ['', '\uFEFF']) {
      const records = await all(utf8(`${mark}氏名,住所\n${ivs}\n`), 3);
      expect(records[0]?.cells).toEqual(['氏名', '住所']);
      expect(records[1]?.cells.join(',')).toBe(ivs);
    }
  });

  it('the override wins over the content', async () => {
    const records = await all(iconv.encode('氏名\n', 'cp932'), 9, 'utf-8');
    expect(records[0]?.cells[0]).toContain('\uFFFD');
  });

  it('bytes that CP932 does not know become U+FFFD in their cell, and the next cell is whole', async () => {
    const bytes = Buffer.concat([
      iconv.encode('氏名,住所\n', 'cp932'),
      Buffer.from([0x81, 0x2c, 0x41, 0x0a]),
    ]);
    expect((await all(bytes))[1]).toEqual({ line: 2, cells: ['\uFFFD', 'A'] });
  });

  it('an empty file has no record', async () => {
    expect(await all(Buffer.alloc(0))).toEqual([]);
  });
});

describe('properties', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '漢', '髙', ' '), maxLength: 6 });
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 8 });

  it('what was written is read, in every chunking and both encodings', async () => {
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 7 }), fc.boolean(), async (rows, size, wide) => {
        const text = `氏名,b\r\n${rows.map((row) => `${csvLine(row)}\r\n`).join('')}`;
        const records = await all(wide ? utf8(text) : iconv.encode(text, 'cp932'), size);
        expect(records.slice(1).map(({ cells }) => cells)).toEqual(rows);
      }),
    );
  });

  it('any bytes give records or typed faults with rising lines, the same in every chunking', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0x22, 0x2c, 0x0a, 0x0d, 0x00, 0x41, 0x81, 0xe3), { maxLength: 120 })
        .map((list) => Uint8Array.from(list)),
    );
    await fc.assert(
      fc.asyncProperty(bytes, fc.integer({ min: 1, max: 9 }), async (input, size) => {
        const whole = await all(input);
        expect(await all(input, size)).toEqual(whole);
        let last = 0;
        for (const { line, fault } of whole) {
          expect(line).toBeGreaterThan(last);
          last = line;
          if (fault) expect(csvFaults).toContain(fault);
        }
      }),
      { numRuns: 500 },
    );
  });
});

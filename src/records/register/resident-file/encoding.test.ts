import fc from 'fast-check';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { detectEncoding, encodings } from './encoding.ts';
import { headerCells } from './sample-rows.fixture.ts';

const header = `${headerCells.join(',')}\r\n`;
const bytesOf = (text: string, encoding: string) => iconv.encode(text, encoding);

describe('encoding by content', () => {
  it.each(encodings)('%s by the header line', (encoding) => {
    expect(detectEncoding(bytesOf(header, encoding))).toBe(encoding);
  });

  it.each(encodings)('%s by each single column name', (encoding) => {
    for (const name of headerCells) expect(detectEncoding(bytesOf(`${name},\n`, encoding))).toBe(encoding);
  });

  it.each(encodings)('%s in spite of bad bytes in later lines', (encoding) => {
    const bad = Buffer.from([0x22, 0xff, 0xfe, 0x81, 0x20, 0xe3, 0x0a]);
    expect(detectEncoding(Buffer.concat([bytesOf(header, encoding), ...Array(50).fill(bad)]))).toBe(encoding);
  });

  it('a byte order mark decides', () => {
    expect(detectEncoding(Buffer.from([0xef, 0xbb, 0xbf, 0x93, 0xfa]))).toBe('utf-8');
  });

  it('an ASCII header leaves it to the lines', () => {
    expect(detectEncoding(bytesOf('a,b\n見本,花子\n', 'cp932'))).toBe('cp932');
    expect(detectEncoding(bytesOf('a,b\n見本,花子\n', 'utf-8'))).toBe('utf-8');
    expect(detectEncoding(Buffer.from('a,b\n'))).toBe('utf-8');
  });

  it('a sequence cut off at the end is no fault', () => {
    for (const encoding of encodings) {
      const bytes = bytesOf(header, encoding);
      for (let cut = 4; cut < bytes.length; cut++)
        expect(detectEncoding(bytes.subarray(0, cut))).toBe(encoding);
    }
  });

  it('any bytes are one of the two', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(encodings).toContain(detectEncoding(bytes));
      }),
    );
  });
});

import iconv from 'iconv-lite';
import { addressKey, foldName, foldReading, toKatakana } from '../../src/records/register/index.ts';
import type { SampleResident } from '../../src/sample/index.ts';

/** What must be found nowhere: a value of a resident, in one of the ways a program writes text. */
export interface Needle {
  /** Which value it is, for the message; never the value. */
  what: string;
  bytes: Buffer;
}

/** Shorter ones stand in ciphertext by chance: 4 bytes are expected once in 4 GiB. */
const shortestBytes = 6;

/** Texts of a resident as file, desk and index know them. Parts of a name are too short to be told from chance. */
export function textsOf(resident: SampleResident): [string, string][] {
  const { truth } = resident;
  const texts: [string, string][] = [
    ['name', resident.name],
    ['name-folded', foldName(resident.name)],
    ['reading', resident.nameKana],
    ['reading-folded', foldReading(resident.nameKana)],
    ['reading-katakana', toKatakana(resident.nameKana)],
    ['former-name', resident.formerName],
    ['alias', resident.alias],
    ['address', resident.address],
    ['address-folded', addressKey(resident.address)],
    ['postcode', resident.postcode],
    ['birth-date', truth.birthDate],
    ['birth-date-compact', truth.birthDate.replaceAll('-', '')],
    ['birth-date-stated', resident.birthDate],
    ['address-number', resident.addressNumber],
    ['household-number', resident.householdNumber],
    ['resident-code', resident.residentRecordCode.reveal()],
  ];
  return texts.filter(([, text]) => text.trim().length > 0);
}

/** The same in UTF-8, UTF-16 (both orders), CP932, base64 (at each of its three shifts) and hex. */
export function needlesOf(texts: Iterable<[string, string]>): Needle[] {
  const needles = new Map<string, Needle>();
  const add = (what: string, bytes: Buffer) => {
    if (bytes.length >= shortestBytes) needles.set(bytes.toString('latin1'), { what, bytes });
  };
  for (const [what, text] of texts) {
    const utf8 = Buffer.from(text, 'utf8');
    const utf16 = Buffer.from(text, 'utf16le');
    const plain: [string, Buffer][] = [
      ['utf-8', utf8],
      ['utf-16le', utf16],
      ['utf-16be', Buffer.from(utf16).swap16()],
      ['cp932', iconv.encode(text, 'cp932')],
    ];
    for (const [encoding, bytes] of plain) {
      add(`${what} in ${encoding}`, bytes);
      add(`${what} in ${encoding} in hex`, Buffer.from(bytes.toString('hex')));
      for (const base of base64Cores(bytes)) add(`${what} in ${encoding} in base64`, base);
    }
    add(`${what} in JSON`, Buffer.from(JSON.stringify(text).slice(1, -1)));
    add(`${what} in escaped JSON`, Buffer.from(escaped(text)));
    add(`${what} in a URL`, Buffer.from(encodeURIComponent(text)));
  }
  return [...needles.values()];
}

/** The characters of base64 that depend on these bytes alone, wherever in a longer text they begin. */
function base64Cores(bytes: Buffer): Buffer[] {
  return [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const core = text.slice(shift === 0 ? 0 : shift + 1, text.length - 1);
    return [Buffer.from(core), Buffer.from(core.replaceAll('+', '-').replaceAll('/', '_'))];
  });
}

const escaped = (text: string): string =>
  [...text].map((c) => (c > '\x7f' ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('');

/** Which of the needles lie in the haystack: one walk over it, however many they are. */
export function findNeedles(haystack: Buffer, needles: readonly Needle[]): string[] {
  const byStart = Map.groupBy(needles, ({ bytes }) => bytes.readUIntBE(0, shortestBytes));
  const found = new Set<string>();
  for (let at = 0; at + shortestBytes <= haystack.length; at++) {
    for (const { what, bytes } of byStart.get(haystack.readUIntBE(at, shortestBytes)) ?? []) {
      if (haystack.compare(bytes, 0, bytes.length, at, Math.min(at + bytes.length, haystack.length)) === 0)
        found.add(what);
    }
  }
  return [...found];
}

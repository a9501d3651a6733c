import type { TextDecoder } from 'node:util';
import { decoderFor, detectEncoding, type Encoding } from './encoding.ts';

/** One record of the file, with the physical line (1-based) on which it begins. */
export interface CsvRecord {
  line: number;
  cells: string[];
  /** Set when the record's own shape is broken; `cells` is then empty. */
  fault?: CsvFault;
}
export const csvFaults = ['quote', 'unterminated-quote', 'line-too-long', 'nul'] as const;
export type CsvFault = (typeof csvFaults)[number];

export interface CsvLimits {
  /** Characters of one record. */
  recordCharacters: number;
  /** Physical lines one quoted record may span: a lost closing quote must not swallow the file. */
  spannedLines: number;
}
export const csvLimits: CsvLimits = { recordCharacters: 16_384, spannedLines: 20 };
/** The encoding is judged by this much of the file's beginning. */
const headBytes = 65_536;

/**
 * Streaming reader of RFC 4180: comma, double quotes, CRLF or LF, quoted line breaks; empty lines are passed over. It holds one
 * record and one chunk at a time, however large the file, and never throws on content: a broken record carries its fault and
 * reading goes on with the next physical line.
 *
 * Bytes that the encoding does not know become U+FFFD in the cell, so that the caller can name line and column.
 *
 * Yields batches, one per chunk of input: an await per record would cost more than its parsing.
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  options: { encoding?: Encoding; limits?: CsvLimits; onEncoding?: (encoding: Encoding) => void } = {},
): AsyncGenerator<CsvRecord[]> {
  const scanner = new CsvScanner(options.limits ?? csvLimits);
  let decoder: TextDecoder | undefined;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const begin = (): CsvRecord[] => {
    const head = Buffer.concat(held);
    held = [];
    const encoding = options.encoding ?? detectEncoding(head);
    options.onEncoding?.(encoding);
    decoder = decoderFor(encoding);
    return scanner.push(decoder.decode(head, { stream: true }));
  };
  for await (const chunk of source) {
    if (decoder) {
      yield scanner.push(decoder.decode(chunk, { stream: true }));
      continue;
    }
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes >= headBytes) yield begin();
  }
  if (!decoder) yield begin();
  yield scanner.push(decoder!.decode());
  yield scanner.end();
}

/** What stays between chunks: an unfinished physical line, and the lines of a record whose quote is still open. */
export class CsvScanner {
  readonly #limits: CsvLimits;
  #rest = '';
  #line = 1;
  #skipping = false;
  #open: { line: number; lines: string[]; characters: number } | undefined;
  #records: CsvRecord[] = [];

  constructor(limits: CsvLimits = csvLimits) {
    this.#limits = limits;
  }

  /** Records completed by this piece of text, in order. */
  push(text: string): CsvRecord[] {
    const buffer = this.#rest + text;
    let from = 0;
    for (;;) {
      const end = buffer.indexOf('\n', from);
      if (end < 0) break;
      this.#physicalLine(buffer.slice(from, end));
      from = end + 1;
    }
    this.#rest = buffer.slice(from);
    if (this.#rest.length > this.#limits.recordCharacters) {
      // The line's end is still to come; its text is dropped at once, so that memory stays bounded.
      this.#rest = '';
      this.#skipping = true;
    }
    return this.#taken();
  }

  /** The last records, when the file ends without a line break or within quotes. */
  end(): CsvRecord[] {
    if (this.#rest !== '' || this.#skipping) this.#physicalLine(this.#rest);
    this.#rest = '';
    while (this.#open) this.#giveUp();
    return this.#taken();
  }

  #taken(): CsvRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #physicalLine(text: string): void {
    const line = this.#line++;
    const tooLong = this.#skipping || text.length > this.#limits.recordCharacters;
    this.#skipping = false;
    this.#take(line, tooLong ? null : text);
  }

  /** One physical line; null stands for one that was too long to keep. */
  #take(line: number, text: string | null): void {
    if (text === null) while (this.#open) this.#giveUp();
    const open = this.#open;
    if (open && text !== null) {
      open.lines.push(text);
      open.characters += text.length + 1;
      const over =
        open.characters > this.#limits.recordCharacters || open.lines.length > this.#limits.spannedLines;
      if (over) this.#giveUp();
      else if (text.includes('"')) this.#parse(open.line, open.lines);
      return;
    }
    if (text === null) this.#records.push({ line, cells: [], fault: 'line-too-long' });
    else if (text !== '' && text !== '\r') this.#parse(line, [text]);
  }

  #parse(line: number, lines: string[]): void {
    const text = lines.length === 1 ? lines[0]! : lines.join('\n');
    const parsed = parseRecord(text.endsWith('\r') ? text.slice(0, -1) : text);
    if (parsed === 'open') {
      this.#open ??= { line, lines, characters: text.length };
      return;
    }
    this.#open = undefined;
    if (parsed === 'quote') {
      this.#records.push({ line, cells: [], fault: 'quote' });
      this.#replay(line + 1, lines.slice(1));
    } else if (text.includes('\0')) this.#records.push({ line, cells: [], fault: 'nul' });
    else this.#records.push({ line, cells: parsed });
  }

  /** The open record will not close: it is reported, and the lines after its first are read again on their own. */
  #giveUp(): void {
    const { line, lines } = this.#open!;
    this.#open = undefined;
    this.#records.push({ line, cells: [], fault: 'unterminated-quote' });
    this.#replay(line + 1, lines.slice(1));
  }

  #replay(line: number, lines: readonly string[]): void {
    for (const [at, text] of lines.entries()) this.#take(line + at, text);
  }
}

/** Cells of one complete record, `open` when a quoted cell lacks its end, `quote` for a quote where none may stand (RFC 4180 §2.5–2.7). */
function parseRecord(text: string): string[] | 'open' | 'quote' {
  if (!text.includes('"')) return text.split(',');
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
      if (end < 0) return 'open';
      cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
      if (at < text.length && text[at] !== ',') return 'quote';
    } else {
      const comma = text.indexOf(',', at);
      const end = comma < 0 ? text.length : comma;
      const cell = text.slice(at, end);
      if (cell.includes('"')) return 'quote';
      cells.push(cell);
      at = end;
    }
    if (at >= text.length) return cells;
    at++;
  }
}

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import iconv from 'iconv-lite';
import { SekishoError } from '../ground/errors.ts';
import { withoutSelectors } from './name-shape.ts';
import { residentCells, residentFileColumns, type SampleResident } from './resident.ts';

/** CP932 is what Japanese resident systems export; UTF-8 alone can carry variation selectors. */
export type ResidentFileEncoding = 'cp932' | 'utf-8';

export interface WriteOptions {
  readonly population: Iterable<SampleResident>;
  readonly encoding: ResidentFileEncoding;
  /** UTF-8 only; default none. */
  readonly byteOrderMark?: boolean;
  /** A file path (written beside and renamed, so there is a whole file or none), or a stream, which is not ended. */
  readonly destination: string | Writable;
  /** Called with the residents written so far, about every thousand and at the end. */
  readonly onProgress?: (written: number) => void;
}

export interface WrittenFile {
  readonly residents: number;
  readonly bytes: number;
  /** Names that lost their variation selectors because CP932 has none; the base characters stand instead. */
  readonly selectorsDropped: number;
}

const ROWS_A_CHUNK = 1000;

/** RFC 4180 §2.6–2.7: quotes where the cell holds a comma, a quote or a line break. */
export function csvRow(cells: readonly string[]): string {
  const quoted = cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell));
  return `${quoted.join(',')}\r\n`;
}

/**
 * Text in the file's encoding.
 *
 * @throws bad-input {what: cp932} where CP932 lacks a character; which one is not told
 */
export function encodeText(text: string, encoding: ResidentFileEncoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text, 'utf8');
  const bytes = iconv.encode(text, 'cp932');
  // iconv-lite writes ? for what it cannot; 0x3F is no second byte in CP932, so each one is a character.
  let questionMarks = 0;
  for (const byte of bytes) if (byte === 0x3f) questionMarks++;
  if (questionMarks !== text.split('?').length - 1) {
    throw new SekishoError('bad-input', { what: 'cp932', reason: 'character' });
  }
  return bytes;
}

/** Streams a resident file: header, then one row a resident, CRLF, as a Japanese resident system exports it. */
export async function writeResidentFile(options: WriteOptions): Promise<WrittenFile> {
  const { destination } = options;
  if (typeof destination !== 'string') return writeRows(options, destination);
  const unfinished = `${destination}.part`;
  const stream = createWriteStream(unfinished, { mode: 0o600 });
  try {
    await once(stream, 'open');
    const written = await writeRows(options, stream);
    stream.end();
    await finished(stream);
    await rename(unfinished, destination);
    return written;
  } catch (error) {
    stream.destroy();
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function writeRows(options: WriteOptions, stream: Writable): Promise<WrittenFile> {
  const { population, encoding, onProgress } = options;
  const count = { residents: 0, bytes: 0, selectorsDropped: 0 };
  const mark = encoding === 'utf-8' && options.byteOrderMark ? '\ufeff' : '';
  let pending = mark + csvRow(residentFileColumns);
  const flush = async () => {
    const bytes = encodeText(pending, encoding);
    pending = '';
    count.bytes += bytes.length;
    if (!stream.write(bytes)) await once(stream, 'drain');
    onProgress?.(count.residents);
  };
  for (const resident of population) {
    const row = csvRow(residentCells(resident));
    const fitting = encoding === 'cp932' ? withoutSelectors(row) : row;
    if (fitting !== row) count.selectorsDropped++;
    pending += fitting;
    if (++count.residents % ROWS_A_CHUNK === 0) await flush();
  }
  if (pending !== '' || count.residents === 0) await flush();
  return count;
}

import { headerNames } from '../../../records/register/index.ts';
import type { RefusedRow } from '../../api/client.gen.ts';

/** A column by its title in the file. */
export const columnTitle = (column: string | null): string =>
  column !== null && Object.hasOwn(headerNames, column)
    ? headerNames[column as keyof typeof headerNames]
    : (column ?? '');

/** A cell that a spreadsheet takes as text: quoted, and never the beginning of a formula. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Refused rows as CSV with a byte order mark, so that a spreadsheet reads it as UTF-8. No value of a row is in it. */
export function refusedCsv(
  rows: readonly RefusedRow[],
  titles: { line: string; column: string; reason: string },
  language: 'ja' | 'en',
): string {
  const head = [titles.line, titles.column, titles.reason].map(cell).join(',');
  const lines = rows.map(({ line, column, words }) =>
    [String(line), cell(columnTitle(column)), cell(words[language])].join(','),
  );
  return `\ufeff${[head, ...lines].join('\r\n')}\r\n`;
}

/** Hands a text to the browser as a download. */
export function saveFile(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

import { headerNames, type ResidentColumn, residentColumns } from './columns.ts';

/** A sound row; the resident code is one of the published sample codes, the person is invented. For tests only. */
export const goodCells: Record<ResidentColumn, string> = {
  address_number: '1001',
  household_number: '501',
  name: '見本　花子',
  reading: 'ミホン　ハナコ',
  former_name: '',
  alias: '',
  birth_date: '昭和45年4月1日',
  sex: '女',
  relation: '世帯主',
  postcode: '100-0001',
  address: '見本市中央1丁目2番3号',
  resident_code: '24727059608',
  event: '転入',
  event_date: '令和2年4月1日',
};

/** A row of the file's usual order with some cells replaced. */
export function cellsWith(changes: Partial<Record<ResidentColumn, string>> = {}): string[] {
  return residentColumns.map((column) => changes[column] ?? goodCells[column]);
}

export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}

export const headerCells: readonly string[] = residentColumns.map((column) => headerNames[column]);

/** A file of the usual header and these rows, CRLF. */
export function residentCsv(rows: readonly (readonly string[])[]): string {
  return [headerCells, ...rows].map((cells) => `${csvLine(cells)}\r\n`).join('');
}

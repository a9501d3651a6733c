import columnTable from './columns.json' with { type: 'json' };

/** The columns of a resident file. Their Japanese names, the first of each being the one we write, are in `columns.json`. */
export const residentColumns = [
  'address_number',
  'household_number',
  'name',
  'reading',
  'former_name',
  'alias',
  'birth_date',
  'sex',
  'relation',
  'postcode',
  'address',
  'resident_code',
  'event',
  'event_date',
] as const;
export type ResidentColumn = (typeof residentColumns)[number];

interface ColumnNames {
  column: string;
  required: boolean;
  names: string[];
}
const table: readonly ColumnNames[] = columnTable.columns;

/** The header our own writer (src/sample) uses, in its order. */
export const headerNames: Readonly<Record<ResidentColumn, string>> = Object.fromEntries(
  table.map(({ column, names }) => [column, names[0]!]),
) as Record<ResidentColumn, string>;

const foldHeader = (text: string) => text.normalize('NFKC').replace(/[\s\uFEFF]+/gu, '');
const byName = new Map(
  table.flatMap(({ column, names }) =>
    names.map((name): [string, ResidentColumn] => [foldHeader(name), column as ResidentColumn]),
  ),
);

/** Where each column stands in the file: `position[column]` is the cell's index, absent when the file lacks an optional column. */
export interface Header {
  width: number;
  position: Partial<Record<ResidentColumn, number>>;
}

/** What is wrong with a header. Names are column titles of the file, never values. */
export interface HeaderFaults {
  missing: string[];
  unknown: string[];
  duplicate: string[];
}

/** Reads the header line: any order, known synonyms, full or half width. */
export function readHeader(
  cells: readonly string[],
): { ok: true; header: Header } | { ok: false; faults: HeaderFaults } {
  const faults: HeaderFaults = { missing: [], unknown: [], duplicate: [] };
  const position: Partial<Record<ResidentColumn, number>> = {};
  // A file without a header has a resident in this place: then unknown cells are told by position only.
  const hasHeader = cells.filter((cell) => byName.has(foldHeader(cell))).length >= 3;
  for (const [at, cell] of cells.entries()) {
    const column = byName.get(foldHeader(cell));
    if (column === undefined) faults.unknown.push(hasHeader ? printable(cell) : `#${at + 1}`);
    else if (position[column] !== undefined) faults.duplicate.push(headerNames[column]);
    else position[column] = at;
  }
  for (const { column, required, names } of table) {
    if (required && position[column as ResidentColumn] === undefined) faults.missing.push(names[0]!);
  }
  const ok = faults.missing.length + faults.unknown.length + faults.duplicate.length === 0;
  return ok ? { ok, header: { width: cells.length, position } } : { ok, faults };
}

/** A title is shown so that it can be found, but short and without digits, whatever the cell holds. */
function printable(cell: string): string {
  const short = [...cell].slice(0, 12).join('');
  return short.replace(/\p{C}/gu, '?').replace(/\p{N}/gu, '＊');
}

/** Columns a text takes on a terminal: East Asian wide and full-width characters take two, combining ones none. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|[\u200b-\u200f]/u.test(character)) continue;
    width += isWide(character.codePointAt(0)!) ? 2 : 1;
  }
  return width;
}

/** Wide ranges of Unicode's EastAsianWidth (W and F) that occur in Japanese records. */
function isWide(point: number): boolean {
  return (
    (point >= 0x1100 && point <= 0x115f) ||
    (point >= 0x2e80 && point <= 0x303e) ||
    (point >= 0x3041 && point <= 0xa4cf) ||
    (point >= 0xac00 && point <= 0xd7a3) ||
    (point >= 0xf900 && point <= 0xfaff) ||
    (point >= 0xfe30 && point <= 0xfe6f) ||
    (point >= 0xff00 && point <= 0xff60) ||
    (point >= 0xffe0 && point <= 0xffe6) ||
    (point >= 0x1f300 && point <= 0x1f64f) ||
    (point >= 0x20000 && point <= 0x3fffd)
  );
}

/**
 * Text that came from outside, made safe for a terminal: control characters (also the C1 ones and the bidi
 * overrides) become a visible mark, so that a name in a file cannot move the cursor or forge a line.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, '\ufffd');
}

/** Pads on the right to a display width. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** A plain table: two blanks between columns, no lines, head first. Empty without rows. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const safe = rows.map((row) => row.map(printable));
  const widths = head.map((cell, i) =>
    Math.max(displayWidth(cell), ...safe.map((row) => displayWidth(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === cells.length - 1 ? cell : padEnd(cell, widths[i]!)))
      .join('  ')
      .trimEnd();
  return rows.length === 0 ? [] : [line(head), ...safe.map(line)];
}

/** Label and value, one a line, values aligned. */
export function pairs(entries: readonly (readonly [label: string, value: string])[]): string[] {
  const width = Math.max(0, ...entries.map(([label]) => displayWidth(label)));
  return entries.map(([label, value]) => `${padEnd(label, width)}  ${printable(value)}`.trimEnd());
}

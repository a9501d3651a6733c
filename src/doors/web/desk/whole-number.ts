/** A whole number typed in any width, within its bounds; undefined for anything else. */
export function wholeNumberOf(text: string, most: number): number | undefined {
  const plain = text.normalize('NFKC').replaceAll(',', '').trim();
  const n = /^\d{1,9}$/.test(plain) ? Number(plain) : 0;
  return n >= 1 && n <= most ? n : undefined;
}

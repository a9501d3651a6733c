const digits = new Map<string, number>([
  ...[...'0123456789'].map((sign, value): [string, number] => [sign, value]),
  ...[...'〇一二三四五六七八九'].map((sign, value): [string, number] => [sign, value]),
  ['零', 0],
  // 大字, the forms used in deeds so that strokes cannot be added
  ['壱', 1],
  ['壹', 1],
  ['弌', 1],
  ['弐', 2],
  ['貳', 2],
  ['参', 3],
  ['參', 3],
]);
const tens = new Map([
  ['十', 10],
  ['廿', 20],
  ['卅', 30],
]);

/**
 * Value of a numeral in ASCII digits, positional kanji (一九七〇), multiplicative kanji up to 999 (百二十三, 四十五, 廿三) or 元
 * (the first year of an era). Null for anything else. Full-width digits are expected to be folded before.
 */
export function japaneseNumeral(text: string): number | null {
  if (text === '元') return 1;
  if (text.length === 0 || text.length > 8) return null;
  if (/^\d+$/.test(text)) return Number(text);
  return /[十廿卅百]/.test(text) ? multiplicative(text) : positional(text);
}

function positional(text: string): number | null {
  let value = 0;
  for (const sign of text) {
    const digit = digits.get(sign);
    if (digit === undefined) return null;
    value = value * 10 + digit;
  }
  return value;
}

function multiplicative(text: string): number | null {
  let total = 0;
  let pending: number | null = null;
  let lastUnit = 1000;
  for (const sign of text) {
    const digit = digits.get(sign);
    if (digit !== undefined) {
      if (pending !== null || digit === 0) return null;
      pending = digit;
      continue;
    }
    const unit = sign === '百' ? 100 : 10;
    const fixed = sign === '百' ? null : (tens.get(sign) ?? null);
    if (unit >= lastUnit || (fixed === null && sign !== '百')) return null;
    // 廿 and 卅 carry their own count: 二廿 is nothing.
    if (sign !== '十' && sign !== '百' && pending !== null) return null;
    total += sign === '十' || sign === '百' ? (pending ?? 1) * unit : fixed!;
    pending = null;
    lastUnit = unit;
  }
  return total + (pending ?? 0);
}

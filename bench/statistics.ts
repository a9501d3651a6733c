/** The value below which `share` (0 to 1) of the sorted values lie: nearest rank, so it is always a measured one. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return Number.NaN;
  const rank = Math.ceil(share * sorted.length);
  return sorted[Math.min(sorted.length, Math.max(1, rank)) - 1]!;
}

/** Middle value; of an even count the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Things a second. */
export function perSecond(count: number, milliseconds: number): number {
  return milliseconds > 0 ? (count / milliseconds) * 1_000 : Number.NaN;
}

export type Limit = { atLeast: number } | { atMost: number };

export function isMet(value: number, limit: Limit): boolean {
  return 'atLeast' in limit ? value >= limit.atLeast : value <= limit.atMost;
}

/** By how much a limit is missed, as a share of it: 0.12 is 12 % short, or 12 % over. 0 where it is met. */
export function missedBy(value: number, limit: Limit): number {
  if (Number.isNaN(value)) return 1;
  if (isMet(value, limit)) return 0;
  return 'atLeast' in limit ? 1 - value / limit.atLeast : value / limit.atMost - 1;
}

import type { Hour } from './desk-client.ts';

export const series = ['opened', 'searched', 'written', 'refused'] as const;
export type Series = (typeof series)[number];

const hourMs = 3_600_000;
/** Japan has one time all year: nine hours ahead of UTC. */
const japanMs = 9 * hourMs;

/** Midnight in Japan that begins the day of `at`. */
export const startOfDay = (at: number): number =>
  Math.floor((at + japanMs) / (24 * hourMs)) * 24 * hourMs - japanMs;

/** All 24 hours of a day, those without lines too. */
export function hoursOfDay(day: number, counted: readonly Hour[]): Hour[] {
  const byStart = new Map(counted.map((hour) => [Math.floor(hour.at / hourMs) * hourMs, hour]));
  return Array.from({ length: 24 }, (_, i) => {
    const at = day + i * hourMs;
    return byStart.get(at) ?? { at, opened: 0, searched: 0, written: 0, refused: 0 };
  });
}

/** The next of 1, 2, 5, 10, 20, 50, … that is not less: a scale whose half and whole are easy to read. */
export function scaleFor(most: number): number {
  let unit = 1;
  for (;;) {
    for (const step of [1, 2, 5]) if (step * unit >= most && step * unit >= 4) return step * unit;
    unit *= 10;
  }
}

export interface Bar {
  series: Series;
  hour: number;
  x: number;
  y: number;
  width: number;
  height: number;
  count: number;
}

/** Bars of a chart of `width` × `height`: what was done stacked, what was refused beside it, so that few refusals among many acts are seen. */
export function barsOf(hours: readonly Hour[], width: number, height: number): { bars: Bar[]; top: number } {
  const top = scaleFor(
    Math.max(...hours.map((hour) => Math.max(hour.opened + hour.searched + hour.written, hour.refused)), 1),
  );
  const step = width / hours.length;
  const bars: Bar[] = [];
  hours.forEach((hour, i) => {
    let base = height;
    for (const name of series) {
      const count = hour[name];
      const tall = (count / top) * height;
      const refused = name === 'refused';
      const y = refused ? height - tall : base - tall;
      if (!refused) base = y;
      if (count > 0)
        bars.push({
          series: name,
          hour: i,
          x: i * step + step * (refused ? 0.62 : 0.1),
          y,
          width: step * (refused ? 0.28 : 0.48),
          height: tall,
          count,
        });
    }
  });
  return { bars, top };
}

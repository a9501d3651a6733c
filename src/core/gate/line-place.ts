/** A line's place among all logs of a municipality. */
export interface LinePlace {
  /** Number of its log: 1, or more after a succession. */
  log: number;
  lineIndex: number;
}

const linesMost = 2 ** 40;

/** Log and index as one number that sorts as they do. */
export const placeNumber = ({ log, lineIndex }: LinePlace): number => log * linesMost + lineIndex;

/** {@link placeNumber} taken apart. */
export const placeAt = (place: number): LinePlace => ({
  log: Math.floor(place / linesMost),
  lineIndex: place % linesMost,
});

/** What a line says of the line whose state it replaces; the log only where it is not the line's own. */
export const replacing = (
  base: LinePlace | null,
  log: number,
): { replaces: number | null; replacesLog?: number } => ({
  replaces: base?.lineIndex ?? null,
  ...(base === null || base.log === log ? {} : { replacesLog: base.log }),
});

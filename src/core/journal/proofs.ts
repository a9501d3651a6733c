import { splitPoint } from './merkle.ts';

/** A stretch of leaves [from, to) whose tree hash a proof holds. */
export type Stretch = readonly [from: number, to: number];

/** A full subtree: node `index` of the row `height` above the leaves. */
export interface Subtree {
  height: number;
  index: number;
}

/** The stretches of an inclusion proof, leaf's sibling first (RFC 6962 §2.1.1 PATH). */
export function inclusionStretches(index: number, size: number): Stretch[] {
  const stretches: Stretch[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    if (index < middle) {
      stretches.push([middle, to]);
      to = middle;
    } else {
      stretches.push([from, middle]);
      from = middle;
    }
  }
  return stretches.reverse();
}

/** The stretches of a consistency proof (RFC 6962 §2.1.2 PROOF); empty from size 0 and from the size itself. */
export function consistencyStretches(oldSize: number, newSize: number): Stretch[] {
  if (oldSize === 0 || oldSize === newSize) return [];
  const stretches: Stretch[] = [];
  let from = 0;
  let to = newSize;
  let whole = true;
  while (to !== oldSize) {
    const middle = from + splitPoint(to - from);
    if (oldSize <= middle) {
      stretches.push([middle, to]);
      to = middle;
    } else {
      stretches.push([from, middle]);
      from = middle;
      whole = false;
    }
  }
  if (!whole) stretches.push([from, to]);
  return stretches.reverse();
}

/** The full subtrees a stretch falls into, left to right. `from` must be a multiple of the largest of them. */
export function subtreesOf([from, to]: Stretch): Subtree[] {
  const subtrees: Subtree[] = [];
  let at = from;
  while (at < to) {
    let width = 1;
    let height = 0;
    while (width * 2 <= to - at) {
      width *= 2;
      height++;
    }
    subtrees.push({ height, index: at / width });
    at += width;
  }
  return subtrees;
}

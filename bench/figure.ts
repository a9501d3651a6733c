import type { Limit } from './statistics.ts';

/** One number of the table: measured in this run, beside what it is held against in the same run. */
export interface Figure {
  /** Stable id, e.g. `disclosure-rate`; the words kept by hand in docs/benchmarks.md name it. */
  id: string;
  what: string;
  value: number;
  unit: string;
  /** What it is measured against; none for a limit that is no ratio (memory, a percentile). */
  reference?: { what: string; value: number; unit: string };
  /** value / reference, or its inverse where less is better; as `ratioOf` says. */
  ratio?: number;
  /** Limit of the value itself. */
  target?: Limit;
  /** Limit of the ratio. */
  ratioTarget?: Limit;
}

/** What one file of this folder gives. */
export interface Measured {
  name: string;
  figures: Figure[];
  /** Everything else that was measured, for the JSON: milliseconds, CPU per request, sizes. */
  details: Record<string, unknown>;
  seconds: number;
  /** Share of the machine's CPU time that other work took meanwhile, 0 to 1. */
  othersShare?: number;
}

/** How much of everything is measured. */
export interface Extent {
  /** Two minutes at most, for a check that nothing has become ten times slower. */
  quick: boolean;
  /** A million rows and lines. */
  full: boolean;
  say: (text: string) => void;
}

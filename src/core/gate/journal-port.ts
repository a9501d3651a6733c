import type { Journal } from '../journal/index.ts';

/** What the gate uses of a municipality's journal. Tests put one in its place that can be told to fail. */
export type GateJournal = Pick<
  Journal,
  | 'append'
  | 'head'
  | 'number'
  | 'keys'
  | 'assertFresh'
  | 'linesOf'
  | 'rangeOf'
  | 'prove'
  | 'proveTogether'
  | 'read'
  | 'flush'
  | 'close'
>;

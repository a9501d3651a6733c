/** The check of a resident's lines in his own browser. Runs in Node as well, for its tests. */
export { type GivenLine, LineChecker } from './check-lines.ts';
export { fingerprintOf } from './fingerprint.ts';
export { aMoment, givenLines, type HistoryEntry, type KeptBack, momentOf } from './given-lines.ts';
export { type KeptFile, savedKeys, savedLine } from './saved.ts';
export type { Fault, LineContent, LineVerdict, Mark, ProvenHead, WitnessedBy } from './verdict.ts';

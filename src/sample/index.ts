/** The door of sample: a synthetic town with known truth, its resident file, and rows with known faults. */
export { type FaultyRow, faultyFile, faultyRows } from './faulty-rows.ts';
export { knownTruth, type TownTruth } from './known-truth.ts';
export { type PopulationOptions, population, SAMPLE_DAY, sampleTown } from './population.ts';
export {
  type KnownTruth,
  type ResidentFileColumn,
  residentFileColumns,
  type SampleResident,
} from './resident.ts';
export {
  type ResidentFileEncoding,
  type WriteOptions,
  type WrittenFile,
  writeResidentFile,
} from './resident-file.ts';

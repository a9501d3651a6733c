export {
  type BackupMade,
  type BackupOptions,
  backupHouse,
  backupKeepMs,
  backupPlaces,
  type JournalPosition,
  listBackups,
} from './backup.ts';
export { type House, type HouseOptions, type HouseStep, startHouse } from './house.ts';
export { houseMigrations } from './house-database.ts';
export { type InitOptions, initHouse, isInitialised, readSettings } from './init.ts';
export { type JournalPorts, journalKeyName, journalPorts } from './journal-ports.ts';
export { type HouseLayout, houseLayout } from './layout.ts';
export {
  type Restored,
  type RestoredJournal,
  type RestoreOptions,
  type RestoreStep,
  restoreHouse,
} from './restore.ts';
export type { Between, RecordBetween } from './restore-between.ts';
export type { HouseSettings } from './settings.ts';
export { Supervisor, type SupervisorEvent } from './supervisor.ts';

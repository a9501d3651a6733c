export {
  type BackupMade,
  type BackupOptions,
  backupHouse,
  backupKeepMs,
  backupPlaces,
  type JournalPosition,
  listBackups,
} from './backup.ts';
export type { BackupEvent } from './backup-keeper.ts';
export {
  enrolFirstAdministrator,
  type FirstAdministrator,
  pinMinimumCharacters,
} from './first-administrator.ts';
export { type House, type HouseOptions, type HouseStep, startHouse } from './house.ts';
export { type Renewed, renewCertificates } from './house-certificates.ts';
export { houseMigrations } from './house-database.ts';
export { type InitOptions, initHouse, isInitialised, readSettings } from './init.ts';
export { type JournalPorts, journalKeyName, journalPorts } from './journal-ports.ts';
export {
  type CustodyOptions,
  checkKeystore,
  type KeystoreCheck,
  renewPassphrase,
  splitKeystore,
  type Tried,
} from './keystore-custody.ts';
export { type HouseLayout, houseLayout } from './layout.ts';
export {
  checkHouseDatabase,
  type Prepared,
  type PrepareOptions,
  prepareHouseDatabase,
} from './prepare-database.ts';
export {
  type Restored,
  type RestoredJournal,
  type RestoreOptions,
  type RestoreStep,
  restoreHouse,
} from './restore.ts';
export type { Between, RecordBetween } from './restore-between.ts';
export type { HouseSettings } from './settings.ts';
export type { SignInLink } from './sign-in-links.ts';
export { Supervisor, type SupervisorEvent } from './supervisor.ts';

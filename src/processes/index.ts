export { type House, type HouseOptions, type HouseStep, startHouse } from './house.ts';
export { houseMigrations } from './house-database.ts';
export { type InitOptions, initHouse, isInitialised, readSettings } from './init.ts';
export { type JournalPorts, journalKeyName, journalPorts } from './journal-ports.ts';
export { type HouseLayout, houseLayout } from './layout.ts';
export type { HouseSettings } from './settings.ts';
export { Supervisor, type SupervisorEvent } from './supervisor.ts';

export { type ArchiveState, archiveState } from './archive-state.ts';
export { type BaseCopyOptions, makeBaseCopy } from './base-copy.ts';
export { type BaseCopy, type BaseManifest, listBaseCopies, verifyBaseCopy } from './base-copy-manifest.ts';
export { type Pruned, type PruneOptions, pruneBackups } from './base-copy-prune.ts';
export { type EmbeddedOptions, type EmbeddedServer, startEmbedded } from './embedded.ts';
export { isDatabaseError, mapDatabaseError } from './faults.ts';
export { assertJapanese } from './japanese.ts';
export {
  type MigrateOptions,
  type Migration,
  type MigrationRoom,
  migrate,
  migrationsChecksum,
  readMigrations,
} from './migrate.ts';
export { inTransaction, openPool, type PoolOptions } from './pool.ts';
export { type Recovered, type RecoveryOptions, recoverTo } from './recovery.ts';
export { type MadeRestore, readRestores } from './recovery-swap.ts';
export {
  createRoles,
  databaseRole,
  drawRolePasswords,
  prepareDatabase,
  preparePublicSchema,
  type RoleName,
  type RolePasswords,
  roleNames,
} from './roles.ts';
export { type Statement, splitStatements } from './statements.ts';

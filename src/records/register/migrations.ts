import { join } from 'node:path';
import type { MigrationRoom } from '../../ground/database/index.ts';

/** Schema `register`: after the ground roles, seal, journal and gate. */
export const registerMigrations: MigrationRoom = {
  room: 'register',
  folder: join(import.meta.dirname, 'migrations'),
};

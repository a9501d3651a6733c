import { fileURLToPath } from 'node:url';
import type { MigrationRoom } from '../../ground/database/index.ts';

/** Schemas `gate` and `national`. */
export const gateMigrations: MigrationRoom = {
  room: 'gate',
  folder: fileURLToPath(new URL('migrations', import.meta.url)),
};

import { fileURLToPath } from 'node:url';
import type { MigrationRoom } from '../../ground/database/index.ts';

/** Schema `keys`: the wrapped keys and the erasures. Runs in the records' database or in one of its own. */
export const sealMigrations: MigrationRoom = {
  room: 'seal',
  folder: fileURLToPath(new URL('./migrations', import.meta.url)),
};

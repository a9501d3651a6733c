import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where everything of one house lies on disk. Each process in production is given only its own part of this. */
export interface HouseLayout {
  readonly root: string;
  /** PostgreSQL's own data folder (embedded server only). */
  readonly postgres: string;
  /** Owner-only: role passwords, TLS keys, the demo passphrase, the witness's key. */
  readonly secrets: string;
  readonly rolesFile: string;
  readonly authorityFile: string;
  readonly passphraseFile: string;
  readonly witnessKeyFile: string;
  readonly tls: (process: string) => string;
  readonly keystoreFile: string;
  /** Mirror of every journal: tiles, entries, sealed payloads, checkpoints; one folder per municipality. */
  readonly journal: string;
  readonly witness: string;
  /** Sign-in files of the demo's staff; in production each stands on its holder's own machine. */
  readonly staff: string;
  readonly backup: string;
  readonly logs: string;
  /** Configuration of the running processes, owner-only, written anew at each start. */
  readonly run: string;
  readonly houseFile: string;
  /** What `init` decided: municipality, origin, mode. */
  readonly settingsFile: string;
}

/** The layout below `root` (made absolute). */
export function houseLayout(root: string): HouseLayout {
  const at = resolve(root);
  const secrets = join(at, 'secrets');
  return {
    root: at,
    postgres: join(at, 'postgres'),
    secrets,
    rolesFile: join(secrets, 'roles.json'),
    authorityFile: join(secrets, 'authority.json'),
    passphraseFile: join(secrets, 'passphrase'),
    witnessKeyFile: join(secrets, 'witness-key.json'),
    tls: (process) => join(secrets, `tls-${process}.json`),
    keystoreFile: join(at, 'keystore', 'gate.json'),
    journal: join(at, 'journal'),
    witness: join(at, 'witness'),
    staff: join(at, 'staff'),
    backup: join(at, 'backup'),
    logs: join(at, 'logs'),
    run: join(at, 'run'),
    houseFile: join(at, 'run', 'house.json'),
    settingsFile: join(at, 'settings.json'),
  };
}

/** Makes the folders. Those that hold secrets are owner-only even where the umask is lax. */
export function makeFolders(layout: HouseLayout): void {
  mkdirSync(layout.root, { recursive: true });
  for (const folder of [layout.journal, layout.witness, layout.backup, layout.logs]) {
    mkdirSync(folder, { recursive: true });
  }
  for (const folder of [layout.secrets, layout.staff, layout.run, join(layout.root, 'keystore')]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  }
}

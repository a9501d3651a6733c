import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { SekishoError } from './errors.ts';
import { Masked } from './masked.ts';

const port = z.coerce.number().int().min(0).max(65_535);
const flag = z.union([z.boolean(), z.stringbool()]);

/**
 * The settings of a house. Each key is read from the environment (`SEKISHO_` and the key in capitals: `dataFolder` is
 * SEKISHO_DATA_FOLDER; the names in `aliases` too) over the JSON file over the default. Secrets come as files, never as values,
 * except the password inside DATABASE_URL, which is kept masked.
 */
export const configSchema = z.strictObject({
  /** `demo`: invented people, secrets in the data folder, all processes on loopback. `production` refuses all that. */
  mode: z.enum(['demo', 'production']).default('demo'),
  dataFolder: z.string().min(1).default('./data'),
  /** Local government codes of the municipalities a new house serves, comma-separated. */
  municipality: z
    .string()
    .regex(/^\d{6}(?:,\d{6})*$/)
    .optional(),
  /** Name of the journal (C2SP tlog-checkpoint: a schema-less URL). */
  origin: z
    .string()
    .regex(/^[a-z0-9.-]+(?:\/[a-z0-9._-]+)*$/)
    .optional(),
  /** An ordinary PostgreSQL ≥ 15. Without it the embedded server is started. */
  databaseUrl: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//)
    .optional(),
  /** Port of the office's API on loopback. */
  officePort: port.default(8610),
  logLevel: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Holds the keystore's passphrase; required in production unless shares are entered or a token is used. */
  passphraseFile: z.string().min(1).optional(),
  /** Copy WAL to <data>/backup/wal (embedded server only). */
  archive: flag.default(true),
  /** A running house makes a base copy when the newest is older than this; 0: never by itself (embedded server only). */
  backupEveryHours: z.coerce.number().int().min(0).max(168).default(24),
  /** A base copy is made, or at 0 hours a warning given, when so much WAL has been archived since the newest. */
  walLimitMb: z.coerce.number().int().min(16).max(1_048_576).default(4_096),
  /** Longest time the oldest line may wait for a witness before the gate stops. */
  overdueMs: z.coerce.number().int().min(100).max(600_000).default(5_000),
});

type Parsed = z.infer<typeof configSchema>;
/** The settings as the processes use them: paths absolute, the database's address masked. */
export type Config = Omit<Parsed, 'databaseUrl' | 'dataFolder'> & {
  readonly dataFolder: string;
  readonly databaseUrl: Masked<'database-url'> | undefined;
};

/** Short names that people expect. */
export const aliases: Readonly<Record<string, keyof Parsed>> = {
  DATABASE_URL: 'databaseUrl',
  SEKISHO_DATA: 'dataFolder',
};

export interface ConfigSources {
  env: Readonly<Record<string, string | undefined>>;
  /** A JSON file with any of the keys; relative paths in it are taken from `workingFolder`. */
  file?: string;
  /** What relative paths are taken from. */
  workingFolder: string;
}

/**
 * Reads and checks the settings.
 * @throws `config-invalid` with the `key` and a `reason`, never with the value; `source` is `file` or `environment`.
 */
export function loadConfig(sources: ConfigSources): Config {
  const fromEnv = environment(sources.env);
  const fromFile = sources.file === undefined ? {} : readFile(resolve(sources.workingFolder, sources.file));
  const parsed = configSchema.safeParse({ ...fromFile, ...fromEnv });
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const key = issue.code === 'unrecognized_keys' ? issue.keys[0]! : String(issue.path[0] ?? '');
    const reason = issue.code.replaceAll('_', '-');
    throw new SekishoError('config-invalid', {
      key,
      reason,
      source: key in fromEnv ? 'environment' : 'file',
    });
  }
  const { databaseUrl, ...rest } = parsed.data;
  const dataFolder = absolute(sources.workingFolder, rest.dataFolder);
  const config: Config = {
    ...rest,
    dataFolder,
    databaseUrl: databaseUrl === undefined ? undefined : new Masked('database-url', databaseUrl),
    ...(rest.passphraseFile === undefined
      ? {}
      : { passphraseFile: absolute(sources.workingFolder, rest.passphraseFile) }),
  };
  checkProduction(config);
  return config;
}

function absolute(from: string, path: string): string {
  return isAbsolute(path) ? path : resolve(from, path);
}

/** `dataFolder` → SEKISHO_DATA_FOLDER. */
export function environmentName(key: string): string {
  return `SEKISHO_${key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase()}`;
}

/**
 * Unknown SEKISHO_ names are not refused: other programs (the tests) have their own. An empty value is as good as none.
 */
function environment(env: ConfigSources['env']): Record<string, string> {
  const found: Record<string, string> = {};
  const names = [
    ...Object.entries(aliases),
    ...Object.keys(configSchema.shape).map((key) => [environmentName(key), key] as const),
  ];
  for (const [name, key] of names) {
    const value = env[name];
    if (value !== undefined && value !== '') found[key] = value;
  }
  return found;
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SekishoError(
      'config-invalid',
      { key: '', reason: 'file-unreadable', source: 'file' },
      { cause: error },
    );
  }
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return { ...parsed };
  } catch {
    // The parser's message quotes the text, which may hold a password: it is left behind.
  }
  throw new SekishoError('config-invalid', { key: '', reason: 'file-not-a-json-object', source: 'file' });
}

/** What a demo may do and a real house may not. */
function checkProduction(config: Config): void {
  if (config.mode !== 'production') return;
  const refuse = (key: string, reason: string) => {
    throw new SekishoError('config-invalid', { key, reason, source: 'production' });
  };
  for (const key of ['municipality', 'origin', 'databaseUrl'] as const)
    if (config[key] === undefined) refuse(key, 'required-in-production');
  // Whoever copies the data folder would have both the keystore and what opens it.
  if (config.passphraseFile?.startsWith(`${config.dataFolder}/`))
    refuse('passphraseFile', 'inside-data-folder');
}

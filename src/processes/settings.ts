import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { z } from 'zod';
import { SekishoError } from '../ground/errors.ts';
import { readPrivateFile, writePrivateFile } from '../ground/private-file.ts';

const connection = z.strictObject({
  host: z.string(),
  port: z.int(),
  user: z.string(),
  password: z.string(),
  database: z.string(),
  ssl: z.boolean().optional(),
});

export const tlsFile = z.strictObject({ key: z.string(), cert: z.string(), ca: z.string() });
const listen = z.strictObject({ host: z.string(), port: z.int().min(0).max(65_535) });

const municipality = z.strictObject({
  code: z.string().regex(/^\d{6}$/),
  /** Name of the log, as it stands in every checkpoint; never changed, never used twice. */
  origin: z.string().min(1),
});

/** The keystore's file and what opens it: one passphrase, or as many officers' shares as it asks for, a file each. */
const fileKeystore = z
  .strictObject({
    kind: z.literal('file'),
    file: z.string(),
    passphrase_file: z.string().optional(),
    share_files: z.array(z.string()).optional(),
  })
  .refine((store) => (store.passphrase_file === undefined) !== (store.share_files === undefined), {
    path: ['passphrase_file'],
    error: 'either passphrase_file or share_files',
  });

const tokenKeystore = z.strictObject({
  kind: z.literal('pkcs11'),
  /** Path of the token maker's library. */
  module: z.string(),
  /** The token's label. */
  token: z.string(),
  pin_file: z.string(),
  /** Begins the labels of the objects in the token. */
  store: z.string(),
  /** Wrapped secrets and marks that lie beside the token. */
  folder: z.string(),
});
export type TokenKeystore = z.infer<typeof tokenKeystore>;

const keystore = z.discriminatedUnion('kind', [fileKeystore, tokenKeystore]);
export type KeystoreConfig = z.infer<typeof keystore>;

const witness = z
  .strictObject({
    name: z.string(),
    url: z.url({ protocol: /^https?$/ }),
    public_key: z.string(),
    /** PEM: the authority of the witness's certificate, where it is none the machine knows. */
    ca_file: z.string().optional(),
  })
  .refine(({ url, ca_file }) => ca_file === undefined || url.startsWith('https:'), {
    path: ['ca_file'],
    error: 'needs https',
  });
export type WitnessPlace = z.infer<typeof witness>;

/** Origins of the two sites as browsers see them. */
const sites = z.strictObject({ desk: z.string(), portal: z.string() });
/** One of them, for the process that serves it; `pages` other than those beside the program. */
const site = z.strictObject({ origin: z.string(), pages: z.string().optional() });

/** `gate-main.ts`: the only process that is given key material and the right to write sealed rows. */
export const gateConfig = z.strictObject({
  mode: z.enum(['demo', 'production']),
  listen,
  tls: tlsFile,
  databases: z.strictObject({ gate: connection, keys: connection }),
  keystore,
  municipalities: z.array(municipality).min(1),
  /** Public key of the logs (base64): a keystore with another one is another house's, and is closed again before it signs. */
  log_public_key: z.string().optional(),
  /** Folder of the journals' mirrors. */
  mirror: z.string(),
  witnesses: z.array(witness),
  overdue_ms: z.int().positive().default(5_000),
  budgets_file: z.string().optional(),
  /** Where passkeys are for. Without it nobody signs in with a browser. */
  sites: sites.optional(),
});
export type GateConfig = z.infer<typeof gateConfig>;

/** `office-main.ts`: the API that people and the command line speak to. */
export const officeConfig = z.strictObject({
  mode: z.enum(['demo', 'production']),
  listen,
  gate: z.strictObject({ url: z.url(), tls: tlsFile }),
  database: connection,
  municipalities: z.array(municipality).min(1),
  mirror: z.string(),
  uploads: z.string(),
  /** The desk's site. Without it the office serves no page and sets no cookie. */
  site: site.optional(),
});
export type OfficeConfig = z.infer<typeof officeConfig>;

/** `portal-main.ts`: the residents' site. */
export const portalConfig = z.strictObject({
  mode: z.enum(['demo', 'production']),
  listen,
  gate: z.strictObject({ url: z.url(), tls: tlsFile }),
  site,
  municipalities: z.array(municipality).min(1),
  log_public_key: z.string(),
  /** Whose countersignatures a browser asks for: all of them. */
  witnesses: z.array(z.strictObject({ name: z.string(), public_key: z.string() })).min(1),
});
export type PortalConfig = z.infer<typeof portalConfig>;

/** `witness-main.ts`: stands in another trust domain in production; here on loopback. */
export const witnessConfig = z.strictObject({
  listen,
  name: z.string(),
  state: z.string(),
  /** Its signing key. */
  key_file: z.string(),
  /** PEM files. Without them plain HTTP: for loopback, or behind a proxy. */
  tls: z.strictObject({ key_file: z.string(), cert_file: z.string() }).optional(),
  logs: z.array(z.strictObject({ origin: z.string(), public_key: z.string() })).min(1),
});
export type WitnessConfig = z.infer<typeof witnessConfig>;

/** What `init` decided, and every later start goes by. */
export const houseSettings = z.strictObject({
  format: z.literal('sekisho-house/v1'),
  mode: z.enum(['demo', 'production']),
  municipalities: z.array(municipality).min(1),
  log_public_key: z.string(),
  /** The token of a house whose keys lie in one; without it they lie in the keystore file. */
  keystore: tokenKeystore.optional(),
  witness: z.strictObject({ name: z.string(), public_key: z.string() }),
  /** `embedded`, or the server that `DATABASE_URL` named at the first start (without its password). */
  database: z.string(),
});
export type HouseSettings = z.infer<typeof houseSettings>;

export const rolesSchema = z.strictObject({
  migrator: z.string(),
  gate: z.string(),
  keys: z.string(),
  office: z.string(),
  portal: z.string(),
});

export const witnessKeySchema = z.strictObject({ private_key_pem: z.string(), public_key: z.string() });

/** Writes a JSON file for its owner alone, whole or not at all. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writePrivateFile(file, `${JSON.stringify(value, null, 2)}\n`, true);
}

/** Reads and checks one. Errors: keystore-missing, keystore-unsafe, config-invalid with the key at fault. */
export async function readJson<Schema extends z.ZodType>(
  file: string,
  what: string,
  schema: Schema,
): Promise<z.infer<Schema>> {
  return checkJson(await readPrivateFile(file, what), what, schema);
}

/** A certificate and key that do not fit are told before anything is opened. Errors: config-invalid. */
export function checkTls(tls: z.infer<typeof tlsFile>, key: string): void {
  try {
    createSecureContext(tls);
  } catch (cause) {
    throw new SekishoError('config-invalid', { key, reason: 'certificate' }, { cause });
  }
}

/** A text held against a schema. Errors: config-invalid with the key at fault, never with a value. */
export function checkJson<Schema extends z.ZodType>(
  text: string,
  what: string,
  schema: Schema,
): z.infer<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which may hold a password: it is left behind.
    throw new SekishoError('config-invalid', { what, reason: 'not-json' });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const unknown = issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : [];
  const key = [...issue.path, ...unknown].join('.');
  throw new SekishoError('config-invalid', { what, key, reason: issue.code.replaceAll('_', '-') });
}

/** A PEM file that is no secret. @throws config-invalid with the key of the setting that names it */
export async function readPem(file: string, key: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SekishoError('config-invalid', { key, reason: 'not-readable' }, { cause });
  });
  if (!text.includes('-----BEGIN ')) throw new SekishoError('config-invalid', { key, reason: 'not-pem' });
  return text;
}

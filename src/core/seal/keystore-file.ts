import { createHmac, hkdfSync, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { SekishoError } from '../../ground/errors.ts';
import { readPrivateFile, writePrivateFile } from '../../ground/private-file.ts';

/**
 * scrypt (RFC 7914) cost for new keystores: 128 MiB and about half a second, so that a stolen keystore file
 * costs an attacker that much for every passphrase tried.
 */
export const scryptDefault = { n: 2 ** 17, r: 8, p: 1 } as const;
export type ScryptCost = { readonly n: number; readonly r: 8; readonly p: number };

const base64 = (bytes: number) =>
  z
    .base64()
    .refine((text) => Buffer.from(text, 'base64').length === bytes, { message: `not ${bytes} bytes` });

// A file with a cost below 2^14 was not written by us; above 2^20 (1 GiB) it would only stall the start.
const scryptCost = z.strictObject({
  n: z.union([14, 15, 16, 17, 18, 19, 20].map((log) => z.literal(2 ** log))),
  r: z.literal(8),
  p: z.number().int().min(1).max(4),
});

const keystoreSchema = z.strictObject({
  format: z.literal('sekisho-keystore/v1'),
  store_id: base64(16),
  /** Made for a demonstration: production refuses it, for its passphrase lay in a file. */
  demo: z.boolean(),
  passphrase: z
    .strictObject({ kdf: z.literal('scrypt'), cost: scryptCost, salt: base64(16), sealed_root: base64(61) })
    .nullable(),
  shares: z
    .strictObject({
      set_id: base64(4),
      count: z.number().int().min(2).max(255),
      threshold: z.number().int().min(2).max(255),
    })
    .nullable(),
  /** Tells a right root from a wrong one: combining wrong shares gives a wrong root without any error. */
  key_check_value: base64(32),
  /** HMAC over all the above under the root: who may write the file but has no root changes nothing in it. */
  header_mac: base64(32),
});

export type KeystoreFile = z.infer<typeof keystoreSchema>;
export type KeystoreHeader = Omit<KeystoreFile, 'header_mac'>;

/**
 * @throws keystore-missing {missing: 'keystore-file'}, keystore-unsafe (readable by others),
 *   seal-broken {what: 'keystore-file'} when the text is no keystore
 */
export async function readKeystoreFile(file: string): Promise<KeystoreFile> {
  const text = await readPrivateFile(file, 'keystore-file');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SekishoError('seal-broken', { what: 'keystore-file', file, reason: 'not-json' });
  }
  const parsed = keystoreSchema.safeParse(value);
  if (!parsed.success) {
    const at = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new SekishoError('seal-broken', { what: 'keystore-file', file, reason: 'form', at });
  }
  return parsed.data;
}

/** Writes the header with its MAC, atomically, mode 0600. */
export async function writeKeystoreFile(
  file: string,
  root: Buffer,
  header: KeystoreHeader,
  replace: boolean,
): Promise<void> {
  const whole: KeystoreFile = { ...header, header_mac: headerMac(root, header).toString('base64') };
  await writePrivateFile(file, `${JSON.stringify(whole, null, 2)}\n`, replace);
}

/** HKDF-SHA256 (RFC 5869): 32 bytes for one purpose and name; salt = store id, info = both, each with its length. */
export function deriveKey(root: Buffer, storeId: Buffer, purpose: string, name: string): Buffer {
  const info = Buffer.from(`sekisho/v1|${purpose.length}:${purpose}|${name.length}:${name}`, 'latin1');
  return Buffer.from(hkdfSync('sha256', root, storeId, info, 32));
}

export function keyCheckValue(root: Buffer, storeId: Buffer): Buffer {
  return deriveKey(root, storeId, 'key-check-value', '');
}

/** @throws keystore-wrong-secret when this is not the root the keystore was made with */
export function checkRoot(root: Buffer, keystore: KeystoreFile): void {
  const expected = Buffer.from(keystore.key_check_value, 'base64');
  if (!timingSafeEqual(keyCheckValue(root, Buffer.from(keystore.store_id, 'base64')), expected)) {
    throw new SekishoError('keystore-wrong-secret', { reason: 'key-check-value' });
  }
}

/** @throws seal-broken when a field of the file (such as `demo`) was changed without the root */
export function checkHeader(root: Buffer, keystore: KeystoreFile): void {
  const { header_mac, ...header } = keystore;
  if (!timingSafeEqual(headerMac(root, header), Buffer.from(header_mac, 'base64'))) {
    throw new SekishoError('seal-broken', { what: 'keystore-file', reason: 'header-mac' });
  }
}

function headerMac(root: Buffer, header: KeystoreHeader): Buffer {
  const { passphrase, shares } = header;
  // A fixed order of flat fields; JSON strings and numbers cannot run into one another.
  const fields = [
    header.format,
    header.store_id,
    header.demo,
    passphrase && [passphrase.kdf, passphrase.cost.n, passphrase.cost.r, passphrase.cost.p],
    passphrase && [passphrase.salt, passphrase.sealed_root],
    shares && [shares.set_id, shares.count, shares.threshold],
    header.key_check_value,
  ];
  const key = deriveKey(root, Buffer.from(header.store_id, 'base64'), 'header-mac', '');
  return createHmac('sha256', key).update(JSON.stringify(fields)).digest();
}

/** The 32-byte key from a passphrase. NFKC first: the same words typed on another keyboard give the same bytes. */
export function stretch(passphrase: string, salt: Buffer, cost: ScryptCost): Promise<Buffer> {
  const maxmem = 128 * cost.n * cost.r + 128 * cost.r * (cost.p + 2) + 1_048_576;
  return new Promise((resolve, reject) => {
    scrypt(
      passphrase.normalize('NFKC'),
      salt,
      32,
      { N: cost.n, r: cost.r, p: cost.p, maxmem },
      (error, key) => {
        if (error) reject(new SekishoError('internal', { what: 'scrypt' }, { cause: error }));
        else resolve(key);
      },
    );
  });
}

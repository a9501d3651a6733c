import { SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { readPrivateFile, writePrivateFile } from '../../ground/private-file.ts';
import type { Randomness } from '../../ground/randomness.ts';

/** First line of a passphrase file that a demonstration wrote for itself. */
const demoMark = '# sekisho demo passphrase: never for production';

/**
 * Draws a passphrase of 160 bits and writes it to a file only its owner can read, marked as a demonstration's.
 * @throws already-exists: an old passphrase is never overwritten
 */
export async function writeDemoPassphrase(
  file: string,
  randomness: Randomness,
): Promise<Masked<'passphrase'>> {
  const passphrase = randomness.bytes(20).toString('base64url');
  await writePrivateFile(file, `${demoMark}\n${passphrase}\n`, false);
  return new Masked('passphrase', passphrase);
}

/**
 * Reads a passphrase file: its first line that is no `#` comment, without the line end.
 * @throws keystore-missing {missing: 'passphrase'}; keystore-unsafe when others may read it, or in production when
 *   it is a demonstration's
 */
export async function readPassphraseFile(
  file: string,
  options: { production: boolean },
): Promise<Masked<'passphrase'>> {
  const lines = (await readPrivateFile(file, 'passphrase')).split(/\r?\n/);
  if (options.production && lines.some((line) => line.trim() === demoMark)) {
    throw new SekishoError('keystore-unsafe', { reason: 'demo-passphrase', file });
  }
  const passphrase = lines.find((line) => line !== '' && !line.startsWith('#'));
  if (passphrase === undefined) {
    throw new SekishoError('keystore-missing', { missing: 'passphrase', file, reason: 'empty' });
  }
  return new Masked('passphrase', passphrase);
}

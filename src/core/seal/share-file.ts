import { SekishoError } from '../../ground/errors.ts';
import { Masked } from '../../ground/masked.ts';
import { readPrivateFile, writePrivateFile } from '../../ground/private-file.ts';
import type { Share } from './share.ts';

/**
 * Writes one officer's share for its owner alone, with a line that says which it is.
 * @throws already-exists: a share is never overwritten; disk-full
 */
export async function writeShareFile(
  file: string,
  share: Share,
  which: { number: number; count: number; threshold: number },
): Promise<void> {
  const { number, count, threshold } = which;
  const about = `# sekisho keystore share ${number} of ${count}; ${threshold} of them open the keystore`;
  await writePrivateFile(file, `${about}\n${share.reveal()}\n`, false);
}

/**
 * Reads a share file: its first line that is no `#` comment.
 * @throws keystore-missing {missing: 'share'} when the file is not there or empty; keystore-unsafe when others may read it
 */
export async function readShareFile(file: string): Promise<Share> {
  const lines = (await readPrivateFile(file, 'share')).split(/\r?\n/);
  const share = lines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  if (share === undefined)
    throw new SekishoError('keystore-missing', { missing: 'share', file, reason: 'empty' });
  return new Masked('keystore-share', share.trim());
}

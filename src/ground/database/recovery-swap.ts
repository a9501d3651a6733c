import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/**
 * One restore that was carried out. `at` is the moment from which the house lives on `timeline`; so "the house as it
 * was at TIME" names one timeline, and a second restore may go to a moment before or after the first.
 */
const madeRestoreSchema = z.strictObject({
  at: z.iso.datetime(),
  to: z.iso.datetime(),
  base: z.string(),
  from_timeline: z.number().int().positive(),
  timeline: z.number().int().positive(),
  /** Name of the folder to which the cluster before was put aside; null where there was none. */
  aside: z.string().nullable(),
});
export type MadeRestore = z.infer<typeof madeRestoreSchema>;

const swapSchema = z.strictObject({ restores_file: z.string(), restore: madeRestoreSchema });
export type Swap = z.infer<typeof swapSchema>;

/** A file is written beside, fsynced and renamed: it is the old or the new one, never half. */
function replaceFile(file: string, text: string): void {
  const part = `${file}.part`;
  writeFileSync(part, text, { mode: 0o600 });
  syncPath(part);
  renameSync(part, file);
  syncPath(dirname(file));
}

function syncPath(path: string): void {
  const handle = openSync(path, 'r');
  fsyncSync(handle);
  closeSync(handle);
}

/** The restores carried out so far, oldest first. */
export function readRestores(file: string): MadeRestore[] {
  return existsSync(file) ? z.array(madeRestoreSchema).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/**
 * Puts `home/restoring/cluster` in the place of `home/cluster`, which is renamed, not deleted. Two renames cannot be
 * one, so the intent is written first and `settleSwap` completes it whenever the machine stopped in between.
 */
export function beginSwap(home: string, swap: Swap): void {
  replaceFile(join(home, 'swap.json'), JSON.stringify(swap));
  settleSwap(home);
}

/** Completes a swap that was begun. Called before every start, for without it a start would find no cluster and make a new one. */
export function settleSwap(home: string): void {
  const intent = join(home, 'swap.json');
  if (!existsSync(intent)) return;
  const { restores_file, restore } = swapSchema.parse(JSON.parse(readFileSync(intent, 'utf8')));
  const recovered = join(home, 'restoring', 'cluster');
  const cluster = join(home, 'cluster');
  // While the recovered cluster still bears its first name, what stands in the house's place is the old one.
  if (existsSync(recovered)) {
    if (restore.aside !== null && existsSync(cluster)) renameSync(cluster, join(home, restore.aside));
    syncPath(home);
    renameSync(recovered, cluster);
    syncPath(home);
  }
  mkdirSync(dirname(restores_file), { recursive: true, mode: 0o700 });
  const made = readRestores(restores_file);
  if (!made.some((other) => other.at === restore.at && other.timeline === restore.timeline))
    replaceFile(restores_file, `${JSON.stringify([...made, restore], undefined, 1)}\n`);
  rmSync(join(home, 'restoring'), { recursive: true, force: true });
  rmSync(intent, { force: true });
  syncPath(home);
}

/** The timeline on which the house lived at `time` (milliseconds): that of the last restore before, else the first. */
export function timelineAt(restores: readonly MadeRestore[], time: number, first: number): number {
  let timeline = first;
  for (const made of restores) if (Date.parse(made.at) <= time) timeline = made.timeline;
  return timeline;
}

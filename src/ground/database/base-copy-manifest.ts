import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SekishoError } from '../errors.ts';
import { codeOf, hashFile } from './base-copy-files.ts';

const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/);
const path = z
  .string()
  .min(1)
  .refine((text) => !text.startsWith('/') && !text.split('/').includes('..'));

/** `manifest.json` of a base copy. Times are the database server's own, in UTC. */
export const baseManifestSchema = z.strictObject({
  format: z.literal('sekisho-base-copy/1'),
  label: z.string(),
  server_version: z.number().int(),
  /** Drawn by initdb: WAL of another cluster is never replayed over this copy. */
  system_identifier: z.string().regex(/^\d+$/),
  timeline: z.number().int().positive(),
  wal_segment_size_bytes: z.number().int().positive(),
  start_lsn: lsn,
  stop_lsn: lsn,
  started_at: z.iso.datetime(),
  /** From here on the copy is consistent: no earlier moment can be restored from it. */
  stopped_at: z.iso.datetime(),
  folders: z.array(path),
  files: z.array(
    z.strictObject({
      path,
      size_bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type BaseManifest = z.infer<typeof baseManifestSchema>;

export interface BaseCopy {
  name: string;
  /** Holds `manifest.json` and `cluster/`. */
  folder: string;
  manifest: BaseManifest;
}

/** `base-` and the moment it became consistent: only a whole copy ever bears such a name. */
export const baseName = /^base-\d{8}T\d{9}Z$/;

export function nameOfBase(stoppedAt: string): string {
  return `base-${stoppedAt.replace(/[-:.]/g, '').replace(/Z?$/, 'Z')}`;
}

/** Reads and checks a manifest. Error: `backup-broken` (`reason`: manifest-missing | manifest). */
export async function readBaseCopy(folder: string, name: string): Promise<BaseCopy> {
  const home = join(folder, name);
  let text: string;
  try {
    text = await readFile(join(home, 'manifest.json'), 'utf8');
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new SekishoError('backup-broken', { reason: 'manifest-missing', base: name }, { cause });
  }
  try {
    return { name, folder: home, manifest: baseManifestSchema.parse(JSON.parse(text)) };
  } catch (cause) {
    throw new SekishoError('backup-broken', { reason: 'manifest', base: name }, { cause });
  }
}

/** The names of all base copies, oldest first. Unfinished ones have another name and are not seen. */
export async function baseNames(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  return (await readdir(folder)).filter((name) => baseName.test(name)).sort();
}

/** All base copies with their manifests, oldest first. */
export async function listBaseCopies(folder: string): Promise<BaseCopy[]> {
  return Promise.all((await baseNames(folder)).map((name) => readBaseCopy(folder, name)));
}

/**
 * Reads every file of a base copy and compares size and SHA-256 with its manifest.
 * Error: `backup-broken` (`reason`: file-missing | file-size | file-changed, with the `place`).
 */
export async function verifyBaseCopy(base: BaseCopy): Promise<void> {
  for (const file of base.manifest.files)
    assertSame(base, file, await hashFile(join(base.folder, 'cluster', file.path)));
}

/** Compares what was found of one file with what the manifest says of it. */
export function assertSame(
  base: Pick<BaseCopy, 'name'>,
  file: BaseManifest['files'][number],
  found: { sizeBytes: number; sha256: string } | undefined,
): void {
  const reason =
    found === undefined
      ? 'file-missing'
      : found.sizeBytes !== file.size_bytes
        ? 'file-size'
        : found.sha256 !== file.sha256
          ? 'file-changed'
          : undefined;
  if (reason !== undefined)
    throw new SekishoError('backup-broken', { reason, base: base.name, place: file.path });
}

/** Removes a base copy so that a removal cut short leaves nothing that looks whole: the manifest goes first. */
export async function removeBaseCopy(base: Pick<BaseCopy, 'folder'>): Promise<void> {
  await rm(join(base.folder, 'manifest.json'), { force: true });
  await rm(base.folder, { recursive: true, force: true });
}

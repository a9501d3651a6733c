import { fileURLToPath } from 'node:url';
import type { MigrationRoom } from '../../ground/database/index.ts';

export { checkpointText, parseCheckpoint, type SignedHead, type TreeHead } from './checkpoint.ts';
export type { LogReader } from './earlier-log.ts';
export { FolderFiles, type MirrorFiles } from './files.ts';
export { folderSource, newestLogFolder, newestLogNumber, nodePrimitives } from './folder-source.ts';
export { Journal, type JournalHead, type JournalOptions, type LogKeys } from './journal.ts';
export {
  type DecodedLine,
  decodeLine,
  fieldsOf,
  isLineKind,
  type LineKind,
  lineKinds,
  type NewLine,
} from './line.ts';
export type { JournalLog } from './log.ts';
export { logVerifierKey, type NoteSigner, verifierKey, witnessVerifierKey } from './note.ts';
export { type ManyProofs, type Proof, proofFileText } from './proof-file.ts';
export type { Receipt } from './receipt.ts';
export type { OnBatch } from './sequencer.ts';
export { originOf } from './succession.ts';
export type { Appended, AppendUnit, PayloadSealer, StoredLine } from './unit.ts';
export type { Witness, WitnessAnswer } from './witnesses.ts';

export const journalMigrations: MigrationRoom = {
  room: 'journal',
  folder: fileURLToPath(new URL('migrations', import.meta.url)),
};

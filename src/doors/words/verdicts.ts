import type { Reason } from '../../core/journal/verify/index.ts';
import type { Bilingual } from './language.ts';

/** Why a verification failed, in both languages. A reason without words does not compile. */
export const verdictWords = {
  'note-malformed': { ja: '署名付き文書の形式が違います', en: 'the signed note is malformed' },
  'key-malformed': { ja: '検証鍵の形式が違います', en: 'a verifier key is malformed' },
  'signature-missing': { ja: '必要な署名がありません', en: 'a signature that is needed is missing' },
  'signature-wrong': { ja: '署名が合いません', en: 'a signature does not hold' },
  'checkpoint-malformed': { ja: 'チェックポイントの形式が違います', en: 'the checkpoint is malformed' },
  'origin-differs': { ja: '別の記録簿のものです', en: 'it belongs to another log' },
  'quorum-missed': { ja: '立会人の副署が足りません', en: 'too few witnesses cosigned' },
  'index-beyond-size': { ja: '行番号が記録簿の大きさを超えています', en: 'the index lies beyond the log' },
  'size-shrank': { ja: '記録簿が縮んでいます', en: 'the log has shrunk' },
  'proof-length': { ja: '証明の長さが違います', en: 'the proof has the wrong length' },
  'proof-malformed': { ja: '証明の形式が違います', en: 'the proof is malformed' },
  'root-differs': { ja: '先頭のハッシュと合いません', en: 'it does not lead to the head' },
  'commitment-differs': {
    ja: '内容が行の約束と合いません',
    en: 'the content is not the one the line commits to',
  },
  'receipt-malformed': { ja: '受領証の形式が違います', en: 'the receipt is malformed' },
  'leaf-differs': { ja: '行が違います', en: 'the line is another one' },
  'tile-missing': { ja: 'タイルがありません', en: 'a tile is missing' },
  'tile-length': { ja: 'タイルの長さが違います', en: 'a tile has the wrong length' },
  'tile-differs': { ja: 'タイルが行と合いません', en: 'a tile differs from what the entries give' },
  'entries-malformed': { ja: '行の束の形式が違います', en: 'a bundle of entries is malformed' },
} as const satisfies Record<Reason, Bilingual>;

import type { LineKind } from '../../core/journal/index.ts';
import type { ResidentGroup } from '../../records/register/index.ts';
import type { Bilingual } from './language.ts';

/** What a line of the journal says happened. A kind without words does not compile. */
export const lineKindWords = {
  'log.started': { ja: '記録簿の開始', en: 'journal started' },
  'log.resumed': { ja: '記録簿の再開', en: 'journal resumed' },
  'log.succeeded': { ja: '後継の記録簿', en: 'journal succeeded' },
  'session.opened': { ja: 'サインイン', en: 'signed in' },
  'session.refused': { ja: 'サインインの拒否', en: 'sign-in refused' },
  'session.closed': { ja: 'サインアウト', en: 'signed out' },
  'session.stepped-up': { ja: '本人確認のやり直し', en: 'second factor shown again' },
  'case.opened': { ja: '事案を開いた', en: 'case opened' },
  'case.closed': { ja: '事案を閉じた', en: 'case closed' },
  'search.made': { ja: '検索', en: 'search made' },
  'search.refused': { ja: '検索の拒否', en: 'search refused' },
  'field.opened': { ja: '項目の開示', en: 'fields opened' },
  'field.refused': { ja: '開示の拒否', en: 'opening refused' },
  'record.created': { ja: '記録の作成', en: 'record created' },
  'record.changed': { ja: '記録の変更', en: 'record changed' },
  'record.corrected': { ja: '記録の訂正', en: 'record corrected' },
  'record.moved': { ja: '転出入による移動', en: 'record moved' },
  'number.changed': { ja: '個人番号の変更', en: 'number changed' },
  'records.carried': { ja: '記録の引継ぎ', en: 'records carried over' },
  'person.erased': { ja: '鍵の消去', en: 'keys erased' },
  'grant.asked': { ja: '一括閲覧の申請', en: 'bulk grant asked for' },
  'grant.approved': { ja: '一括閲覧の承認', en: 'bulk grant approved' },
  'grant.revoked': { ja: '一括閲覧の取消し', en: 'bulk grant revoked' },
  'grant.refused': { ja: '一括閲覧の拒否', en: 'bulk grant refused' },
  'staff.enrolment-asked': { ja: '職員登録の申請', en: 'enrolment asked for' },
  'staff.enrolled': { ja: '職員の登録', en: 'staff enrolled' },
  'staff.suspended': { ja: '職員の停止', en: 'staff suspended' },
  'staff.reinstated': { ja: '職員の停止解除', en: 'staff reinstated' },
  'staff.pin-changed': { ja: '暗証番号の変更', en: 'PIN changed' },
  'terminal.enrolled': { ja: '端末の登録', en: 'terminal enrolled' },
  'terminal.suspended': { ja: '端末の停止', en: 'terminal suspended' },
  'terminal.bound': { ja: '端末のブラウザの登録', en: 'browser became a terminal' },
  'invitation.issued': { ja: '登録コードの発行', en: 'one-time code issued' },
  'passkey.enrolled': { ja: 'パスキーの登録', en: 'passkey enrolled' },
  'passkey.stopped': { ja: 'パスキーの停止', en: 'passkeys stopped' },
  'honey.marked': { ja: 'おとりの指定', en: 'honey resident marked' },
  'import.begun': { ja: '取込みの開始', en: 'import begun' },
  'import.finished': { ja: '取込みの終了', en: 'import finished' },
  'backup.made': { ja: 'バックアップ', en: 'backup made' },
  'restore.made': { ja: '復元', en: 'restored' },
  'link.issued': { ja: '符号の発行', en: 'link code issued' },
  'history.read': { ja: '履歴の閲覧', en: 'history read' },
  'lock.set': { ja: '照会の停止', en: 'look-ups locked' },
  'lock.lifted': { ja: '照会の停止の解除', en: 'look-ups unlocked' },
  'contest.opened': { ja: '住民の申出', en: 'contest made' },
  'contest.taken': { ja: '申出の受付', en: 'contest taken up' },
  'contest.read': { ja: '申出の閲覧', en: 'contest read' },
  'contest.answered': { ja: '申出への回答', en: 'contest answered' },
  'journal.read': { ja: '記録簿の閲覧', en: 'journal read' },
  'journal.verified': { ja: '記録簿の検証', en: 'journal verified' },
  'write.refused': { ja: '書込みの拒否', en: 'write refused' },
  'request.refused': { ja: '要求の拒否', en: 'request refused' },
} as const satisfies Record<LineKind, Bilingual>;

/** Field groups of a resident (住民基本台帳法 art. 7). */
export const groupWords = {
  name: { ja: '氏名', en: 'name' },
  birth: { ja: '生年月日・性別', en: 'birth and sex' },
  address: { ja: '住所', en: 'address' },
  number: { ja: '個人番号', en: 'individual number' },
  resident_code: { ja: '住民票コード', en: 'resident record code' },
  household: { ja: '世帯・続柄・宛名番号', en: 'household, relation, address number' },
} as const satisfies Record<ResidentGroup, Bilingual>;
/** Why a line comes to a resident without what it says. */
export const coarseRuleWords = {
  'names-hits': {
    ja: '同じ検索で見つかった他の人が分かるため、内容を表示しません',
    en: 'it names others found by the same search',
  },
  'names-household': {
    ja: '世帯の他の人の異動が分かるため、内容を表示しません',
    en: 'it tells of others of the household',
  },
  'by-another-resident': {
    ja: '同じ世帯の人が自分の世帯を確認した記録のため、内容を表示しません',
    en: 'another of the household looked at his own household',
  },
} as const;

/** How far the desk has got with what a resident contests. */
export const contestStateWords = {
  open: { ja: '受付待ち', en: 'waiting' },
  taken: { ja: '確認中', en: 'being looked into' },
  accepted: { ja: '認められました', en: 'accepted' },
  rejected: { ja: '認められませんでした', en: 'rejected' },
} as const;

import type { ErrorKind } from '../../ground/errors.ts';
import type { ErrorWords } from './error-words.ts';

/** Error kinds in English. A kind without words does not compile. */
export const errorsEn = {
  'bad-input': {
    title: 'The input was not accepted',
    happened: 'A value that came in does not have the form it must have.',
    kept: 'Nothing was stored and nothing was changed.',
    next: 'Correct the value named here and try again.',
  },
  'not-found': {
    title: 'Not found',
    happened: 'What was asked for is not there, or not for this caller.',
    kept: 'Nothing was changed.',
    next: 'Check the id. For a resident, search again by name reading and birth date.',
  },
  'already-exists': {
    title: 'It is there already',
    happened: 'Something with the same identity is already recorded.',
    kept: 'The existing record is unchanged.',
    next: 'Look at the existing record; correct it instead of creating it again.',
  },
  conflict: {
    title: 'It does not fit the present state',
    happened: 'The state of the record does not allow this, or somebody else changed it since it was read.',
    kept: 'The record stands as it is; your change was not applied, not even in part.',
    next: 'Read the record again and repeat the change if it is still needed.',
  },
  'too-large': {
    title: 'Too large',
    happened: 'What was sent is larger than this place accepts.',
    kept: 'Nothing was stored.',
    next: 'Split it into smaller parts. Resident files go through the import, which takes any size.',
  },
  'caller-unknown': {
    title: 'Caller not known',
    happened: 'The calling process is not named in the callers table for this operation.',
    kept: 'Nothing was opened. The refusal is on record.',
    next: 'Ask the administrator whether the process holds the right certificate.',
  },
  'session-invalid': {
    title: 'Not signed in',
    happened: 'The session is missing, over, or was ended.',
    kept: 'Nothing was opened. Work stored so far is kept.',
    next: 'Sign in again.',
  },
  'sign-in-failed': {
    title: 'Sign-in failed',
    happened:
      'Name, key, terminal or PIN, or passkey or one-time code, did not fit. Which of them is not said on purpose.',
    kept: 'Nothing was opened. The attempt is on record.',
    next: 'Try again with care; after several failures the account waits. Ask the security officer if it persists.',
  },
  suspended: {
    title: 'Suspended',
    happened: 'This member of staff, terminal or office is suspended.',
    kept: 'Nothing was opened. The attempt is on record.',
    next: 'Speak to the security officer; only that office can lift it.',
  },
  'case-required': {
    title: 'A case is needed',
    happened: 'Records are opened only within a case: a purpose and why.',
    kept: 'Nothing was opened.',
    next: 'Open a case with a purpose and a note, then repeat.',
  },
  'no-authority': {
    title: 'No legal basis',
    happened: 'No row of the statute table allows this event or these fields for this purpose.',
    kept: 'Nothing was opened. The refusal is on record.',
    next: 'Ask for fewer fields, or choose the purpose that fits the work at hand.',
  },
  'policy-denied': {
    title: 'Not allowed here',
    happened: 'The statute allows it, but not to this role, office, terminal or at this moment.',
    kept: 'Nothing was opened. The refusal is on record.',
    next: 'Hand the case to a colleague in charge, or ask the security officer.',
  },
  locked: {
    title: 'The resident has locked look-ups',
    happened: 'Until the day shown, this resident stops look-ups at the desk that no law demands.',
    kept: 'This record was not opened. The attempt is journalled, and the resident sees it.',
    next: 'For a notification or another duty, open a case of that purpose. If the resident stands before you, let him lift the lock in the portal.',
  },
  'budget-spent': {
    title: 'Limit of this hour reached',
    happened: 'This session, terminal, purpose or office has opened as many people as it may for now.',
    kept: 'This record was not opened. Everything opened before stays as it was.',
    next: 'Wait until the window moves on, or ask for a bulk grant, which two people sign.',
  },
  'grant-invalid': {
    title: 'The grant does not cover this',
    happened:
      'The bulk grant is not signed, is used up, is over, was revoked, or is for other fields or another purpose.',
    kept: 'Nothing was opened and nothing was taken from the grant.',
    next: 'Look at the state of the grant; ask for a new one if the work is not done.',
  },
  'second-factor-required': {
    title: 'Second factor needed',
    happened: 'This act needs both factors shown in the last minutes: the passkey, or key and PIN.',
    kept: 'Nothing was opened.',
    next: 'Show the passkey again, or sign in again with key and PIN, then repeat.',
  },
  'witness-overdue': {
    title: 'Releases are paused: no witness',
    happened: 'No witness has confirmed the journal for too long, so the gate opens nothing.',
    kept: 'Every line written is kept. No record was opened without its line.',
    next: 'Wait a moment and repeat. If it goes on, check that the witness runs and can be reached.',
  },
  'seal-broken': {
    title: 'A seal does not hold',
    happened: 'A sealed field does not open at its place: it was moved, altered or damaged.',
    kept: 'No part of the field was shown. Other records are not touched by this.',
    next: 'Stop, tell the security officer, and run `sekisho register verify`.',
  },
  'key-erased': {
    title: 'Erased',
    happened: 'The keys of this person were erased; the fields can never be opened again.',
    kept: 'The journal still shows what was done and when.',
    next: 'Nothing can be done, and that is the purpose of erasure.',
  },
  'keystore-missing': {
    title: 'The keys are not there',
    happened: 'The key store or the secret that opens it was not found. Nothing was opened without it.',
    kept: 'All records are there, sealed.',
    next: 'Give the passphrase, the shares or the token named in the configuration, then start again.',
  },
  'keystore-wrong-secret': {
    title: 'The key store did not open',
    happened: 'Passphrase, shares or token PIN do not fit this key store.',
    kept: 'The key store is unchanged and all records are there, sealed.',
    next: 'Check that the secret belongs to this data folder: `sekisho keystore check` tries each. With shares, check that they are enough and of one set.',
  },
  'keystore-unsafe': {
    title: 'The keys lie open',
    happened: 'The secret of the key store can be read by others, or is the demonstration one in production.',
    kept: 'Nothing was opened and nothing was changed.',
    next: 'Make the file readable by its owner only, or unlock production with shares or a token.',
  },
  'log-behind-witness': {
    title: 'The journal is older than its witness',
    happened:
      'The witness has seen lines that this journal does not have, as after an old backup was restored.',
    kept: 'The mirror and the witness still hold the later lines. Nothing new was signed.',
    next: 'Recover the later lines from the mirror, or start a successor journal as the restore guide says.',
  },
  'log-forked': {
    title: 'Two journals disagree',
    happened: 'The journal contradicts a head that a witness has co-signed.',
    kept: 'Both versions are kept as they are. Nothing new was signed.',
    next: 'Stop, keep both, and tell the security officer: this does not happen by accident.',
  },
  'proof-invalid': {
    title: 'The proof does not hold',
    happened: 'A signature, hash or path does not lead to the head it claims.',
    kept: 'Nothing was changed: checking only reads.',
    next: 'Fetch the proof again. If it fails again, hand proof and receipt to the security officer.',
  },
  'journal-unavailable': {
    title: 'The journal cannot be written',
    happened: 'A line could not be made durable, so the act it belongs to was not done.',
    kept: 'No field was opened without its line. What was acknowledged before is kept.',
    next: 'Repeat in a moment. If it goes on, check disk and database.',
  },
  'config-invalid': {
    title: 'The configuration is not right',
    happened: 'A setting is missing or has a wrong value; its name is given here.',
    kept: 'Nothing was started and nothing was changed.',
    next: 'Correct the setting and start again.',
  },
  'database-unavailable': {
    title: 'The database cannot be reached',
    happened: 'The connection failed or was lost.',
    kept: 'What was acknowledged is stored. What was not acknowledged was not done, not even in part.',
    next: 'Check that the database runs; then repeat.',
  },
  'schema-mismatch': {
    title: 'Database and program do not fit',
    happened: 'The tables are of another version than this program, or were changed by hand.',
    kept: 'Nothing was changed.',
    next: 'Run the version that fits, or let `sekisho database prepare` bring the tables up to date.',
  },
  'disk-full': {
    title: 'The disk is full',
    happened: 'There was no room to write, so the act was not done.',
    kept: 'What was acknowledged before is stored. Nothing is half written.',
    next: 'Make room, then repeat.',
  },
  timeout: {
    title: 'It took too long',
    happened: 'No answer came in time; any doubt counts as a no.',
    kept: 'Nothing was shown. A change may have been stored; repeating it is safe.',
    next: 'Repeat in a moment.',
  },
  unreachable: {
    title: 'Nobody answered',
    happened: 'The other process or address cannot be reached.',
    kept: 'Nothing was changed by this request.',
    next: 'Check that the house runs (`sekisho up`) and that the address is right.',
  },
  unsupported: {
    title: 'Not supported',
    happened: 'This form, format or platform is not handled here.',
    kept: 'Nothing was stored and nothing was changed.',
    next: 'See the documentation for what is handled.',
  },
  'backup-broken': {
    title: 'The backup does not hold',
    happened: 'A part of the backup is missing or is not what was written.',
    kept: 'The running records are unchanged. Nothing was restored, not even in part.',
    next: 'Take an older backup, and make a new one from the running house at once.',
  },
  internal: {
    title: 'A fault in the program',
    happened: 'Something happened that should not be possible. The log has the details under the request id.',
    kept: 'What was acknowledged is stored. What was not acknowledged was not done.',
    next: 'Repeat once. If it comes back, report it with the request id.',
  },
} satisfies Record<ErrorKind, ErrorWords>;

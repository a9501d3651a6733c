export { ivBytes, keyBytes, openBytes, sealBytes, sealOverheadBytes, tagBytes } from './aead.ts';
export { openField, type Place, placeBytes, sealField } from './envelope.ts';
export { FileKeyStore, fileStoreShards } from './file-key-store.ts';
export { hmacOf, type Pads, padsOf } from './hmac.ts';
export { type KeyBackup, keyBackupMaximumMs } from './key-backup.ts';
export { allReady, type KeyStore, type Ready, whenReady } from './key-store.ts';
export {
  addressIndexBytes,
  keyedIndex,
  readingBirthIndexBytes,
  readingIndexBytes,
  wholeIndexBytes,
} from './keyed-index.ts';
export {
  changePassphrase,
  createFileKeyStore,
  type KeystoreParts,
  openFileKeyStore,
  readKeystoreParts,
  removePassphrase,
  type Sharing,
  splitShares,
} from './keystore-ceremony.ts';
export { type ScryptCost, scryptDefault } from './keystore-file.ts';
export { type LinkCodes, linkCodes, linkSeedBytes } from './link-code.ts';
export { sealMigrations } from './migrations.ts';
export type { Oprf } from './oprf.ts';
export { readPassphraseFile, writeDemoPassphrase } from './passphrase-file.ts';
export type { Erasure, WrappedKey } from './person-key-rows.ts';
export { type PersonKey, PersonKeys, shardOf } from './person-keys.ts';
export {
  openPkcs11KeyStore,
  Pkcs11KeyStore,
  type Pkcs11Options,
  pkcs11StoreShards,
} from './pkcs11/pkcs11-key-store.ts';
export type { Unsealed } from './seal-batch.ts';
export { SealingThread } from './sealing-thread.ts';
export type { Share } from './share.ts';
export { readShareFile, writeShareFile } from './share-file.ts';
export { passphraseMinimumCharacters, type Unlock } from './unlock.ts';

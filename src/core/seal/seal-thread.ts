import { parentPort } from 'node:worker_threads';
import { sealPacked } from './seal-batch.ts';

// The thread of SealingThread: it has no key store and no database, only the batch it is given.
parentPort!.on('message', (packed: Uint8Array<ArrayBuffer>) => {
  const sealed = sealPacked(Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength));
  const memory = sealed.buffer as ArrayBuffer;
  parentPort!.postMessage(new Uint8Array(memory, sealed.byteOffset, sealed.byteLength), [memory]);
});

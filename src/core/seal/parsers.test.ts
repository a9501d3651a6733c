import { bytesParsersWithstandGarbage, textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { Masked } from '../../ground/masked.ts';
import { seededRandomness } from '../../ground/randomness.ts';
import { openBytes, sealBytes } from './aead.ts';
import { formatShare, parseShare } from './share.ts';

const randomness = seededRandomness('parsers');
const share = formatShare({
  storeId: randomness.bytes(16),
  setId: randomness.bytes(4),
  part: randomness.bytes(33),
});

textParsersWithstandGarbage([
  {
    name: 'parseShare',
    specimen: share.reveal(),
    parse: (t) => parseShare(new Masked('keystore-share', t), 1),
  },
]);

const key = Buffer.alloc(32, 9);
const place = Buffer.from('parsers');

bytesParsersWithstandGarbage([
  {
    name: 'openBytes',
    specimen: sealBytes(key, place, Buffer.from('sealed'), randomness),
    parse: (bytes) => openBytes(key, place, bytes),
  },
]);

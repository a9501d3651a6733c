import { textParsersWithstandGarbage } from '../../../../test/garbage.ts';
import { parseTreeHead } from './checkpoint.ts';

const hash = Buffer.alloc(32, 7).toString('base64');

textParsersWithstandGarbage([
  {
    name: 'parseTreeHead',
    specimen: `parsers.sekisho.invalid/log\n3\n${hash}\n`,
    parse: parseTreeHead,
  },
]);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromJson, textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { parseStatute } from './statute-table.ts';

textParsersWithstandGarbage([
  {
    name: 'parseStatute',
    specimen: readFileSync(join(import.meta.dirname, 'statutes', 'jukiho-12.json'), 'utf8'),
    parse: (t) => fromJson(t, (value) => parseStatute('garbage.json', value)),
  },
]);

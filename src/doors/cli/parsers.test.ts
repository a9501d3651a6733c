import { textParsersWithstandGarbage } from '../../../test/garbage.ts';
import { parseLanguage } from '../words/index.ts';
import { UsageError } from './exit-codes.ts';
import { parseMoment } from './moment.ts';

textParsersWithstandGarbage([
  {
    name: 'parseMoment',
    specimen: '2026-04-01T09:30:05.5+09:00',
    parse: (t) => parseMoment(t, '--to'),
    refuses: UsageError,
  },
  { name: 'parseLanguage', specimen: ' JA ', parse: parseLanguage },
]);

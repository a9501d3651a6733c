import { fromJson, textParsersWithstandGarbage } from '../../test/garbage.ts';
import { parseLsn, parseSegment } from './database/recovery-wal.ts';
import { splitStatements } from './database/statements.ts';
import { errorOfProblem } from './http/problem.ts';

const sql = `-- distribute by a\nCREATE TABLE t (a text DEFAULT 'x;''y'); DO $x$ BEGIN; END $x$; /* ; */`;

textParsersWithstandGarbage([
  { name: 'parseLsn', specimen: '16/B374D848', parse: parseLsn },
  { name: 'parseSegment', specimen: '000000010000000A000000FF', parse: (t) => parseSegment(t, 16_777_216) },
  { name: 'splitStatements', specimen: sql, parse: splitStatements },
  {
    name: 'errorOfProblem',
    specimen: '{"kind":"conflict","facts":{"what":"staff"}}',
    parse: (t) => fromJson(t, errorOfProblem),
  },
]);

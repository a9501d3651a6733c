import { writeFileSync } from 'node:fs';
import { manualText } from './manual.ts';

// `node src/doors/cli/write-manual.ts`: after a change of the commands.
writeFileSync(new URL('../../../docs/cli.md', import.meta.url), manualText());

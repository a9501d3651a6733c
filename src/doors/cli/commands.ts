import { addBackup } from './commands/backup.ts';
import { addBench } from './commands/bench.ts';
import { addDatabase } from './commands/database.ts';
import { addGate } from './commands/gate.ts';
import { addInit } from './commands/init.ts';
import { addJournal } from './commands/journal.ts';
import { addKeystore } from './commands/keystore.ts';
import { addNumber } from './commands/number.ts';
import { addPerson } from './commands/person.ts';
import { addRegister } from './commands/register.ts';
import { addRestore } from './commands/restore.ts';
import { addSample } from './commands/sample.ts';
import { addUp } from './commands/up.ts';
import type { AddCommand } from './describe.ts';

/**
 * Every command, in the order of the help. A command is one file in commands/, named for its noun; what it needs of
 * a room that is heavy to load it imports when it runs, so that `sekisho number check` starts at once.
 */
const commands: readonly AddCommand[] = [
  addUp,
  addInit,
  addKeystore,
  addDatabase,
  addNumber,
  addRegister,
  addGate,
  addJournal,
  addPerson,
  addBackup,
  addRestore,
  addSample,
  addBench,
];

export const addCommands: AddCommand = (program, cli) => {
  for (const add of commands) add(program, cli);
};

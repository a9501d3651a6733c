export { type ExitName, exitCodes } from './exit-codes.ts';
export { leaves, programIn } from './manual.ts';
export { main } from './program.ts';

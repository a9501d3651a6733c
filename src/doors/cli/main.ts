import { main } from './program.ts';

process.exitCode = await main(process.argv.slice(2));
// A prompt that was left open must not keep the process alive.
process.stdin.unref?.();

/**
 * Which room may import which (DESIGN, "The house"). Imports go down, never up, never sideways between rooms of one
 * floor unless a line here says so. Types count. A room that is not in the table may not exist.
 */
const ground = ['ground'];
const core = [
  'core/numbers',
  'core/seal',
  'core/journal',
  'core/journal/verify',
  'core/journal/witness',
  'core/gate',
];
const records = [
  'records/register',
  'records/cards',
  'records/pension',
  'records/tax',
  'records/matching',
  'records/exchange',
];
const defence = ['defence/mail', 'defence/files', 'defence/zones', 'defence/watch', 'defence/incident'];
// Not the replay: it is a client of doors/api.
const measured = ['oversight/survey', 'oversight/assessment'];
const oversight = [...measured, 'oversight/replay'];
const sample = ['sample'];

export const importTable: Readonly<Record<string, readonly string[]>> = {
  ground: [],
  'core/numbers': ground,
  'core/seal': [...ground, 'core/numbers'],
  // Of the checker the writer takes types only (see `typesOnly`): it shares no code with what checks it.
  'core/journal': [...ground, 'core/numbers', 'core/journal/verify', 'core/journal/witness'],
  // Of ground errors.ts alone (see `groundForVerify`).
  'core/journal/verify': ground,
  'core/journal/witness': [...ground, 'core/numbers', 'core/journal', 'core/journal/verify'],
  'core/gate': [
    ...ground,
    'core/numbers',
    'core/seal',
    'core/journal',
    'core/journal/verify',
    'core/journal/witness',
  ],
  'records/matching': [...ground, 'core/numbers'],
  'records/exchange': [...ground, ...core],
  'records/register': [...ground, ...core, 'records/exchange'],
  'records/tax': [...ground, ...core, 'records/exchange'],
  'records/pension': [...ground, ...core, 'records/exchange', 'records/matching'],
  'records/cards': [...ground, ...core, 'records/register'],
  'defence/mail': [...ground, 'core/numbers', 'core/journal', 'core/seal'],
  'defence/files': [...ground, 'core/numbers', 'core/journal', 'core/seal', 'core/gate'],
  'defence/zones': [...ground, 'core/numbers', 'core/journal'],
  'defence/watch': [...ground, 'core/journal', 'defence/mail', 'defence/files', 'defence/zones'],
  'defence/incident': [
    ...ground,
    ...core,
    ...records,
    'defence/mail',
    'defence/files',
    'defence/zones',
    'defence/watch',
  ],
  'oversight/survey': [...ground, ...core, ...defence],
  'oversight/assessment': [...ground, ...core, ...defence],
  'oversight/replay': [...ground, ...core, ...defence, 'doors/api'],
  'doors/words': [...ground, ...core, ...records, ...defence],
  'doors/api': [...ground, ...core, ...records, ...defence, ...measured, ...sample, 'doors/words'],
  // What runs in a browser: words, pure parts, and the checker. Anything else it asks of a server.
  'doors/web': [...ground, 'core/numbers', 'core/journal/verify', 'records/register', 'doors/words'],
  'doors/cli': [
    ...ground,
    ...core,
    ...records,
    ...defence,
    ...oversight,
    ...sample,
    'doors/words',
    'processes',
  ],
  sample: [...ground, 'core/numbers'],
  // One main per process, which wires the ports. Only the command line imports it, to start a house.
  processes: [
    ...ground,
    ...core,
    ...records,
    ...defence,
    ...oversight,
    ...sample,
    'doors/api',
    'doors/words',
  ],
};

/** From the first to the second nothing may remain when the program runs. */
export const typesOnly: readonly (readonly [string, string])[] = [['core/journal', 'core/journal/verify']];

/** The witness's own folder reads the journal's files: one room, two doors. */
export const insiders: readonly (readonly [string, string])[] = [['core/journal/witness', 'core/journal']];

/** What the outside checker may use of ours: the error type, and nothing with a clock, a file or a socket. */
export const groundForVerify = 'src/ground/errors.ts';

/** Ground is a row of small doors: every file at its top but these, and the doors of its folders. */
export const groundInside = ['src/ground/log-fields.ts', 'src/ground/log-errors.ts'];

/** Files that are started and not imported. Tests, and the doors of rooms, need no line here. */
export const entries: readonly RegExp[] = [
  /^src\/processes\/(?:[a-z-]+\/)?(?:[a-z-]+-)?main\.ts$/,
  /^src\/doors\/(?:api|cli)\/write-[a-z]+\.ts$/,
  /^src\/doors\/cli\/main\.ts$/,
  /^src\/doors\/web\/(?:desk|portal)\/main\.tsx$/,
  /^bench\/main\.ts$/,
  /^test\/(?:cluster|pages)\.ts$/,
  /\.config\.ts$/,
];

/** Parts of a room, or of a floor, that have a door of their own but are told of in the README next to them. */
export const withoutReadme = ['core/journal/verify', 'core/journal/witness', 'doors/words'];

/** What doors/api publishes for its callers, made from its descriptions: the pages, the command line and the replay are callers. */
export const publishedClient = /^src\/doors\/api\/(?:portal\/)?(?:portal-)?client\.gen\.ts$/;
export const publishedClientFor = ['doors/cli', 'doors/web', 'oversight/replay'];

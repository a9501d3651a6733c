import { execFileSync } from 'node:child_process';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress } from 'node:zlib';
import { type BrowserServer, chromium } from 'playwright-core';

/** Names under which systems carry the browser. */
const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const places = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];

/** What to do where there is no browser, in the words of the person who runs the tests. */
const advice =
  'The browser tests need Chromium. On Debian and Ubuntu: `apt install chromium`. Elsewhere name its file in SEKISHO_CHROMIUM.';

/** The system's own browser: SEKISHO_CHROMIUM, else the first of the usual names on the path. */
export function systemChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['SEKISHO_CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...places];
  return folders
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find((file) => existsSync(file) && statSync(file).isFile());
}

/** Folder of npm's packed browser; undefined where it has none for this machine. */
function packedChromium(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const packageFile = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  // …/@sparticuz/chromium/build/esm/index.js
  const folder = join(packageFile.slice(0, packageFile.lastIndexOf('/build/')), 'bin');
  return existsSync(join(folder, 'chromium.br')) ? folder : undefined;
}

/**
 * Unpacks npm's browser once for each version and user: the package's own way leaves it at a name in the temporary folder
 * that anybody may have put a file at. Whole or not there: it is written beside and moved.
 */
async function unpackedChromium(): Promise<string | undefined> {
  const packed = packedChromium();
  if (packed === undefined) return undefined;
  const { size } = statSync(join(packed, 'chromium.br'));
  const folder = join(tmpdir(), `sekisho-chromium-${userInfo().uid}-${size}`);
  if (existsSync(join(folder, 'chromium')) && statSync(folder).uid === userInfo().uid)
    return join(folder, 'chromium');
  const aside = mkdtempSync(`${folder}-`);
  try {
    await pipeline(
      createReadStream(join(packed, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(aside, 'chromium'), { mode: 0o700 }),
    );
    // Somebody else was as quick: his is as good.
    if (!existsSync(folder)) renameSync(aside, folder);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return join(folder, 'chromium');
}

/** The libraries that a bare system lacks (NSS); the package carries them. */
async function unpackedLibraries(executable: string): Promise<string> {
  const folder = join(dirname(executable), 'libraries');
  if (existsSync(join(folder, 'lib'))) return join(folder, 'lib');
  mkdirSync(folder, { recursive: true });
  const archive = join(folder, 'libraries.tar');
  await pipeline(
    createReadStream(join(packedChromium()!, 'al2023.tar.br')),
    createBrotliDecompress(),
    createWriteStream(archive),
  );
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  rmSync(archive);
  return join(folder, 'lib');
}

/** Root has no sandbox to enter; everybody else keeps it. */
const asRoot = userInfo().uid === 0;

async function launch(executablePath: string, libraries?: string): Promise<BrowserServer> {
  const path = [libraries, process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return chromium.launchServer({
    executablePath,
    headless: true,
    chromiumSandbox: !asRoot,
    args: ['--disable-dev-shm-usage', '--font-render-hinting=none', '--force-color-profile=srgb'],
    // The wire's own proxy settings are none of a test's.
    env: { ...process.env, ...(path === '' ? {} : { LD_LIBRARY_PATH: path }), LANG: 'ja_JP.UTF-8' },
  });
}

/** Starts the browser that there is: the system's, else npm's; where there is none it says which package to install. */
export async function startChromium(): Promise<BrowserServer> {
  const system = systemChromium();
  const executable = system ?? (await unpackedChromium());
  if (executable === undefined) throw new Error(advice);
  try {
    return await launch(executable);
  } catch (error) {
    const text = String(error);
    if (system === undefined && /lib(?:nss3|nssutil3|nspr4|smime3)\.so/.test(text))
      return launch(executable, await unpackedLibraries(executable));
    const sandbox = /sandbox/i.test(text)
      ? ' This one has no sandbox it may use: the system’s package brings one along.'
      : '';
    throw new Error(`${executable} does not start.${sandbox} ${advice}`, { cause: error });
  }
}

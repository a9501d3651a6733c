import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { type Site, sites, webFolder } from './pages-config.ts';

const root = join(webFolder, '..', '..', '..');
const target = join(root, 'dist', 'web');

/** What a build was made of: files outside this room by name, and one digest over everything. */
interface Built {
  digest: string;
  modules: readonly string[];
}

/** Beside the site, not in it: whatever lies in the site is served. */
const builtFile = (site: Site) => join(target, `${site}.built.json`);

function readBuilt(site: Site): Built | undefined {
  try {
    const built = JSON.parse(readFileSync(builtFile(site), 'utf8')) as Built;
    return typeof built.digest === 'string' && Array.isArray(built.modules) ? built : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 over this room's sources, the named modules and the lock file: the same digest, the same pages. */
function digestOf(modules: readonly string[]): string {
  const own = globSync('**/*.{ts,tsx,css,html,svg}', { cwd: webFolder })
    .filter((path) => !/\.(?:test|fixture)\.tsx?$/.test(path))
    .map((path) => relative(root, join(webFolder, path)));
  const hash = createHash('sha256');
  for (const path of [...new Set([...own, ...modules, 'package-lock.json'])].sort()) {
    const file = join(root, path);
    hash
      .update(`${path}\0`)
      .update(existsSync(file) ? readFileSync(file) : 'gone')
      .update('\0');
  }
  return hash.digest('hex');
}

/** True when the pages of a site are there and made of today's sources. */
export function isFresh(site: Site): boolean {
  const built = readBuilt(site);
  return built !== undefined && built.digest === digestOf(built.modules);
}

/** A test runner's NODE_ENV would give React's development build, half as large again: the pages are the same whoever builds them. */
async function forPeople(work: () => Promise<unknown>): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await work();
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

/** Builds one site beside its place and moves it there, so that a server never meets half of it. */
async function buildSite(site: Site): Promise<void> {
  const [{ build }, { pagesConfig }] = await Promise.all([import('vite'), import('./pages-config.ts')]);
  mkdirSync(target, { recursive: true });
  const folder = mkdtempSync(join(target, `.${site}-`));
  try {
    let modules: string[] = [];
    await forPeople(() =>
      build(
        pagesConfig(site, join(folder, 'new'), (paths) => {
          modules = paths
            .map((path) => relative(root, path.replace(/\?.*/, '')))
            .filter((path) => path.startsWith('src/') && !path.startsWith('src/doors/web/'));
        }),
      ),
    );
    modules = [...new Set(modules)].sort();
    rmSync(builtFile(site), { force: true });
    const place = join(target, site);
    if (existsSync(place)) renameSync(place, join(folder, 'old'));
    renameSync(join(folder, 'new'), place);
    writeFileSync(builtFile(site), JSON.stringify({ digest: digestOf(modules), modules } satisfies Built));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds the sites that are not fresh. Gives back their names. */
export async function buildPages(onSite?: (site: Site) => void): Promise<Site[]> {
  const stale = sites.filter((site) => !isFresh(site));
  for (const site of stale) {
    onSite?.(site);
    await buildSite(site);
  }
  return stale;
}

if (import.meta.main) await buildPages((site) => process.stderr.write(`pages: ${site}\n`));

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { buildPages, sites } from '../src/doors/web/index.ts';

// `npm run pack`: Node strips no types under node_modules, so the package holds JavaScript; a clone runs the sources as they are.

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'dist/package');

interface Manifest {
  scripts?: unknown;
  devDependencies?: unknown;
  private?: unknown;
  engines: { node: string };
  [key: string]: unknown;
}

/** What is no code and is read at run time: statutes, policies, migrations, name lists. */
function isData(path: string): boolean {
  const inside = relative(join(root, 'src'), path);
  if (/(?:^|\/)(?:vectors|staging)(?:\/|$)/.test(inside)) return false;
  return inside === '' || ['', '.json', '.sql', '.cedar', '.cedarschema'].includes(extname(inside));
}

/** Lays the package out in dist/package and packs it, the pages ready built: who installs it has no Vite. @returns the tarball's path */
export async function packPackage(): Promise<string> {
  await buildPages();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const node = process.execPath;
  execFileSync(node, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'packaging')], {
    stdio: ['ignore', 2, 2],
  });
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true, filter: isData });
  for (const site of sites)
    cpSync(join(root, 'dist/web', site), join(folder, 'dist/web', site), { recursive: true });
  for (const name of ['bin', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'docs'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const { scripts: _scripts, devDependencies: _dev, private: _private, ...manifest } = readManifest();
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', join(root, 'dist')], {
    cwd: folder,
    encoding: 'utf8',
  });
  return join(root, 'dist', nameOf(packed));
}

const readManifest = (): Manifest => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;

/** npm 11 answers with a list, later ones with an object by package. */
function nameOf(answer: string): string {
  const parsed = JSON.parse(answer) as { filename: string }[] | Record<string, { filename: string }>;
  return Object.values(parsed)[0]!.filename;
}

if (import.meta.main) process.stdout.write(`${await packPackage()}\n`);

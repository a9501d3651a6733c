import { join } from 'node:path';
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { InlineConfig, Plugin } from 'vite';

/** The two sites. Each is its own bundle: what the desk needs, no resident downloads. */
export const sites = ['desk', 'portal'] as const;
export type Site = (typeof sites)[number];

export const webFolder = import.meta.dirname;

const nodeModule = /^(?:\0)?node:([a-z/_]+)$/;

/**
 * Doors of rooms name server code beside the pure code that a page uses. Node's modules are there by name only, so that what is
 * not used falls away, and what would use them fails at once. One exception: masked values print themselves through `inspect`.
 */
const nodeInBrowser: Plugin = {
  name: 'sekisho:node-in-browser',
  enforce: 'pre',
  resolveId: (id) => (nodeModule.test(id) ? `\0${id}` : null),
  async load(id) {
    if (!id.startsWith('\0') || !nodeModule.test(id)) return null;
    const real = (await import(id.slice(1))) as Record<string, unknown>;
    const names = Object.keys(real).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default');
    const values = names.map((name) =>
      name === 'inspect'
        ? "export const inspect = { custom: Symbol.for('nodejs.util.inspect.custom') };"
        : `export const ${name} = undefined;`,
    );
    return [...values, 'export default undefined;'].join('\n');
  },
};

/** Reports every module that goes in, so that a later build can tell whether anything changed. */
function moduleList(onModules: (paths: readonly string[]) => void): Plugin {
  return {
    name: 'sekisho:module-list',
    generateBundle() {
      onModules([...this.getModuleIds()].filter((id) => id.startsWith('/') || /^[a-z]:[\\/]/i.test(id)));
    },
  };
}

/**
 * Vite's configuration of one site. Everything is a file of its own, with its digest in its name: no inline script or
 * style, no data URL, so that the strict Content-Security-Policy holds.
 *
 * @param outFolder emptied, then filled
 */
export function pagesConfig(
  site: Site,
  outFolder: string,
  onModules: (paths: readonly string[]) => void,
): InlineConfig {
  return {
    configFile: false,
    envDir: false,
    root: join(webFolder, site),
    cacheDir: join(outFolder, '..', '.vite'),
    publicDir: false,
    logLevel: 'warn',
    plugins: [nodeInBrowser, react(), tailwind(), moduleList(onModules)],
    build: {
      outDir: outFolder,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rollupOptions: {
        // Only what a page uses of a module reaches it; style sheets are used by being there.
        treeshake: { moduleSideEffects: (id) => /\.css(?:\?|$)|[\\/]main\.tsx$/.test(id) },
      },
    },
  };
}

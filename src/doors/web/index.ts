/** The door of doors/web, for those who build or serve the pages; what runs in a browser is nobody's import. */
export { buildPages, isFresh } from './build.ts';
export { type Site, sites } from './pages-config.ts';

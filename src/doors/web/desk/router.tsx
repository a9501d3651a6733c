import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Broken } from '../ui/broken.tsx';
import { Enrol } from './enrol.tsx';
import { Frame, NoSuchPage } from './frame.tsx';
import { Home } from './home.tsx';

const root = createRootRoute({ component: Frame, notFoundComponent: NoSuchPage });
const parent = { getParentRoute: () => root };

const tree = root.addChildren([
  createRoute({ ...parent, path: '/', component: Home }),
  createRoute({ ...parent, path: '/enrol', component: Enrol }),
  createRoute({
    ...parent,
    path: '/cases/$caseId',
    component: lazyRouteComponent(() => import('./case-page.tsx'), 'CasePage'),
  }),
  createRoute({
    ...parent,
    path: '/imports',
    component: lazyRouteComponent(() => import('./imports.tsx'), 'Imports'),
  }),
  createRoute({
    ...parent,
    path: '/grants',
    component: lazyRouteComponent(() => import('./grants.tsx'), 'Grants'),
  }),
  createRoute({
    ...parent,
    path: '/contests',
    component: lazyRouteComponent(() => import('./contests.tsx'), 'Contests'),
  }),
  createRoute({
    ...parent,
    path: '/journal',
    component: lazyRouteComponent(() => import('./journal.tsx'), 'Journal'),
  }),
  createRoute({
    ...parent,
    path: '/people',
    component: lazyRouteComponent(() => import('./people.tsx'), 'People'),
  }),
]);

/** Screens have addresses; what is found and opened in them has none. */
export const router = createRouter({
  ...{ routeTree: tree, defaultPreload: false, scrollRestoration: false },
  defaultErrorComponent: Broken,
});

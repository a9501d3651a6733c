import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Broken } from '../ui/broken.tsx';
import { Enrol } from './enrol.tsx';
import { Frame, NoSuchPage } from './frame.tsx';
import { Record } from './record.tsx';

const root = createRootRoute({ component: Frame, notFoundComponent: NoSuchPage });
const parent = { getParentRoute: () => root };

const tree = root.addChildren([
  createRoute({ ...parent, path: '/', component: Record }),
  createRoute({ ...parent, path: '/enrol', component: Enrol }),
  createRoute({
    ...parent,
    path: '/looked',
    component: lazyRouteComponent(() => import('./looked.tsx'), 'Looked'),
  }),
  createRoute({
    ...parent,
    path: '/contests',
    component: lazyRouteComponent(() => import('./contests.tsx'), 'Contests'),
  }),
  createRoute({
    ...parent,
    path: '/lock',
    component: lazyRouteComponent(() => import('./lock.tsx'), 'Lock'),
  }),
  createRoute({
    ...parent,
    path: '/marks',
    component: lazyRouteComponent(() => import('./marks.tsx'), 'Marks'),
  }),
]);

/** Screens have addresses; what is read and opened in them has none. */
export const router = createRouter({
  ...{ routeTree: tree, defaultPreload: false, scrollRestoration: false },
  defaultErrorComponent: Broken,
});

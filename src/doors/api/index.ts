export type { SiteOptions } from './browser-door.ts';
export { createApi } from './create-api.ts';
export { createPortalSite } from './create-portal-site.ts';
export type { LogKeys } from './log-keys.ts';
export { pagePolicy } from './pages.ts';
export type { PortalGate, PortalPorts } from './portal-ports.ts';
export type { ApiPorts, GatePort, RegisterDesk } from './ports.ts';

import { SekishoError } from '../../ground/errors.ts';

export const siteNames = ['desk', 'portal'] as const;
export type SiteName = (typeof siteNames)[number];

/** Origins of the two sites as browsers see them, e.g. `https://desk.town.example`. */
export type SiteOrigins = Readonly<Record<SiteName, string>>;

/** One site as WebAuthn knows it. */
export interface SiteIdentity {
  readonly site: SiteName;
  readonly origin: string;
  /** Host of the origin: a passkey is made for this host alone, and not for those above it. */
  readonly rpId: string;
}

/** Hosts that browsers take for trustworthy without TLS: this machine's own. */
const isLoopbackName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost');

/**
 * Checks the origins. The hosts must differ, for cookies know no ports: what one site sets, the other would be sent.
 * @throws config-invalid
 */
export function siteIdentities(origins: SiteOrigins): Readonly<Record<SiteName, SiteIdentity>> {
  const identity = (site: SiteName): SiteIdentity => {
    const wrong = (reason: string) => new SekishoError('config-invalid', { key: `sites.${site}`, reason });
    const given = origins[site];
    if (!URL.canParse(given)) throw wrong('not-a-url');
    const url = new URL(given);
    if (url.origin !== given) throw wrong('not-an-origin');
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopbackName(url.hostname)))
      throw wrong('needs-https');
    if (/^[\d.]+$|:/.test(url.hostname)) throw wrong('needs-a-name');
    return { site, origin: given, rpId: url.hostname };
  };
  const found = { desk: identity('desk'), portal: identity('portal') };
  const { desk, portal } = found;
  const within = (inner: string, outer: string) => inner === outer || inner.endsWith(`.${outer}`);
  // A page of `town.example` may ask for passkeys of `desk.town.example`'s parents, and set cookies for them.
  if (within(desk.rpId, portal.rpId) || within(portal.rpId, desk.rpId))
    throw new SekishoError('config-invalid', { key: 'sites', reason: 'hosts-overlap' });
  return found;
}

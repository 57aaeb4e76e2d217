/** Who asks authenticators to sign: they sign for one domain, from pages of these origins. */
export interface RelyingParty {
  id: string;
  name: string;
  origins: string[];
}

interface Settings {
  WEBAUTHN_RP_ID?: string | undefined;
  WEBAUTHN_ORIGINS?: string | undefined;
  PUBLIC_URL?: string | undefined;
  PORT: number;
}

const NAME = 'Artisan Platform';

/** The relying party as configured; by default the host and the origin of PUBLIC_URL, and on one machine those of localhost. */
export function relyingPartyOf({ WEBAUTHN_RP_ID, WEBAUTHN_ORIGINS, PUBLIC_URL, PORT }: Settings): RelyingParty {
  const home = new URL(PUBLIC_URL ?? `http://localhost:${PORT}`);
  const origins = WEBAUTHN_ORIGINS?.split(',').map((origin) => origin.trim()) ?? [home.origin];
  return { id: WEBAUTHN_RP_ID ?? home.hostname, name: NAME, origins };
}

/** What browsers would refuse: an origin that is neither https nor localhost, or is not below the relying party's domain. */
export function relyingPartyFaults(settings: Settings): string[] {
  const { id, origins } = relyingPartyOf(settings);
  return origins.filter((origin) => !isUsable(origin, id)).map((origin) => `WEBAUTHN_ORIGINS: ${origin} cannot use passkeys of ${id}`);
}

function isUsable(origin: string, id: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { origin: normal, protocol, hostname } = new URL(origin);
  const below = hostname === id || hostname.endsWith(`.${id}`);
  return normal === origin && below && (protocol === 'https:' || (protocol === 'http:' && isLocal(hostname)));
}

const isLocal = (hostname: string): boolean => hostname === 'localhost' || hostname.endsWith('.localhost');

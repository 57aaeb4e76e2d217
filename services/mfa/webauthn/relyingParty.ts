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

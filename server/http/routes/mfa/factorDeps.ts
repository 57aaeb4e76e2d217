import type { FactorDeps } from '../../../../services/mfa/verifyFactor.ts';
import { relyingPartyOf } from '../../../../services/mfa/webauthn/relyingParty.ts';
import type { Deps } from '../../../deps.ts';

/** What judging factors takes of the configuration. */
export const factorDeps = ({ config }: Deps): FactorDeps => ({ pepper: config.API_KEY_PEPPER, relyingParty: relyingPartyOf(config) });

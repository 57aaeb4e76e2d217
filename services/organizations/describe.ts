import type { Organization } from '../../db/models/Organization.ts';
import { organizationSettings, storedSettings } from './settings.ts';

/** What of an organization can be changed, for the audit log. */
export const describeOrganization = ({ name, slug, settings }: Organization) => ({
  name,
  slug,
  settings: storedSettings(organizationSettings(settings)),
});
